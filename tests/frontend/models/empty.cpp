// expected-error@0 {{no model; GRADC_MODEL(name, value) declares one}}
