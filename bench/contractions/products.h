// The matrix products that are timed: the model file declares each of them, and the program that
// times them finds each by the same name.
//
// X(name, m, k, n) is a layer, x[m, k] w[k, n]. Each has three products: NN, the layer itself; NT,
// the gradient of its input, dy[m, n] w[k, n]^T; TN, the gradient of its weight, x[m, k]^T dy[m,
// n].
#pragma once

// With every kind of edge, and small enough for a test.
#define GRADC_FEW_LAYERS(X)        \
  X(square_16, 16, 16, 16)         \
  X(square_24, 24, 24, 24)         \
  X(square_32, 32, 32, 32)         \
  X(square_48, 48, 48, 48)         \
  X(square_64, 64, 64, 64)         \
  X(square_96, 96, 96, 96)         \
  X(square_100, 100, 100, 100)     \
  X(moons_inner, 100, 16, 16)      \
  X(nplm_hidden, 32, 30, 200)      \
  X(nplm_output, 32, 200, 27)      \
  X(microgpt_16_rise, 256, 16, 64) \
  X(microgpt_16_fall, 256, 64, 16)

// Sizes from cache to memory, and the layers of larger models.
#define GRADC_LARGE_LAYERS(X)         \
  X(square_128, 128, 128, 128)        \
  X(square_200, 200, 200, 200)        \
  X(square_256, 256, 256, 256)        \
  X(square_512, 512, 512, 512)        \
  X(square_1024, 1024, 1024, 1024)    \
  X(nplm_wide_hidden, 128, 192, 512)  \
  X(nplm_wide_output, 128, 512, 27)   \
  X(makemore_attention, 512, 64, 192) \
  X(makemore_rise, 512, 64, 256)      \
  X(makemore_fall, 512, 256, 64)      \
  X(gpt_attention, 1024, 384, 1152)   \
  X(gpt_rise, 1024, 384, 1536)        \
  X(gpt_fall, 1024, 1536, 384)        \
  X(gpt2_attention, 256, 768, 2304)   \
  X(gpt2_rise, 256, 768, 3072)        \
  X(gpt2_fall, 256, 3072, 768)

#ifdef GRADC_FEW_PRODUCTS
#define GRADC_LAYERS(X) GRADC_FEW_LAYERS(X)
#else
#define GRADC_LAYERS(X) GRADC_FEW_LAYERS(X) GRADC_LARGE_LAYERS(X)
#endif
