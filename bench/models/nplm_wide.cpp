// The NPLM with room for its contractions to dominate: context 8, embedding 24, hidden 512, batch
// 128.
#include "../../models/nplm.cpp"

GRADC_MODEL(nplm_wide, Nplm{.context = 8, .embedding = 24, .hidden = 512, .batch_size = 128});
