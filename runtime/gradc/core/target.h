// The instruction set that this translation unit is compiled for.
//
// The compiler's own macros decide. Each set has an inline namespace, so that objects built for
// different sets can be linked into one program: the linker never takes the AVX-512 body of a
// function for the AVX2 one. Define GRADC_FORCE_GENERIC to use plain loops on any machine.
//
// Every set computes the same bits, given two things that only the build can promise: the compiler
// contracts nothing on its own (-ffp-contract=off) and keeps to IEEE arithmetic (no -ffast-math).
#pragma once

#if defined(__FAST_MATH__)
#error "gradc needs IEEE arithmetic: compile without -ffast-math"
#endif

#if defined(GRADC_FORCE_GENERIC)
#define GRADC_TARGET generic
#elif defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && \
    defined(__AVX512BW__) && defined(__FMA__)
#if defined(__AVX512BF16__)
#define GRADC_TARGET avx512_bf16
#define GRADC_TARGET_BF16 1
#else
#define GRADC_TARGET avx512
#endif
#define GRADC_TARGET_AVX512 1
#elif defined(__AVX2__) && defined(__FMA__)
#define GRADC_TARGET avx2
#define GRADC_TARGET_AVX2 1
#elif defined(__aarch64__) && defined(__ARM_NEON)
#define GRADC_TARGET neon
#define GRADC_TARGET_NEON 1
#else
#define GRADC_TARGET generic
#endif

// A vector that crosses a call goes through memory, so no call may remain.
#define GRADC_INLINE [[gnu::always_inline]] inline
#define GRADC_INLINE_LAMBDA __attribute__((always_inline))

// A function of a kernel. g++ 12 takes some for functions without effect and drops the calls: where
// -fivopts writes an address as a sum with a base of zero, -fipa-pure-const sees an access to null
// and reads no further. Its callers must not look inside.
#if defined(__GNUC__) && !defined(__clang__)
#define GRADC_KERNEL [[gnu::noipa]]
#else
#define GRADC_KERNEL
#endif

#define GRADC_STRING_OF(x) #x
#define GRADC_NAME_OF(x) GRADC_STRING_OF(x)

namespace gradc::core::inline GRADC_TARGET {

inline constexpr char kTargetName[] = GRADC_NAME_OF(GRADC_TARGET);

// Whether there is an instruction for products of pairs of bf16 (narrow.h).
#if defined(GRADC_TARGET_BF16)
inline constexpr bool kDotsBf16 = true;
#else
inline constexpr bool kDotsBf16 = false;
#endif

}  // namespace gradc::core::inline GRADC_TARGET

#undef GRADC_NAME_OF
#undef GRADC_STRING_OF
