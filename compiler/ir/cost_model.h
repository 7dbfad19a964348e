// cost_model: what the compiler believes about machines. Every decision that weighs one way of
// computing against another asks here; the rule itself stands where the decision is taken. Cycles
// are those of one core with registers of 64 bytes; what a kernel does and moves is counted in
// cost.h.
#pragma once

#include <ir/cost.h>
#include <ir/program.h>

#include <cstdint>
#include <vector>

namespace gradc::ir {

// --- Ops

// Costs some tens of cycles for a vector: its body calls a function such as exp, or it draws a
// random number.
bool is_transcendental(Op op);
// Those, and what divides or takes a root.
bool is_expensive(Op op);
// What a vector of an expensive op takes; 0 for others.
double call_cycles(Op op);
// The same, counted in operations such as an addition.
inline constexpr int kCallOperations = 10;
// A vector that takes so many operations costs more to work out again than to store and load.
inline constexpr int kKeepOperations = 3;
// A value that several kernels need is worth storing if they would read this many times its size
// on top to work it out themselves.
bool is_worth_storing(double readers, double elements_read, double own_elements);

// --- One core

// The most rows of a tile of 1, 2, ... vectors, if the registers hold `registers` vectors of 64
// bytes: accumulators, the vectors of one step and a broadcast stay within them.
std::vector<int> most_rows(int registers);
// What one step of k costs a tile of so many rows and vectors, and what is around the steps: zeros,
// stores, the loop over tiles.
double step_cycles(int rows, int vectors);
double tile_cycles(int rows, int vectors);
// How many vectors a long loop moves at once, so that sums do not wait for each other, and the
// operations for a place that are as good as that.
inline constexpr int kSumsAtOnce = 4;
inline constexpr int kLittleWork = 12;
// An inner loop of at most so many vectors is unrolled, so that all stages of a row find its values
// in registers.
inline constexpr int kUnrolledVectors = 4;
// Work of fewer elements is not worth sharing among threads.
inline constexpr std::int64_t kSmallWork = 4096;
// A sum over everything goes in blocks that threads share: at least so many, of so many elements.
inline constexpr std::int64_t kFewestBlocks = 4;
inline constexpr std::int64_t kSmallestBlock = 512, kLargestBlock = 4096;

// --- Memory

// What it is worth to a loop that an access lies along its lanes: it moves by one element, or else
// every lane is moved by itself; `times` a row.
double access_worth(bool contiguous, double times);
// Rows of an even number of vectors, and of this many, would meet in the same sets of the cache.
inline constexpr std::int64_t kLongRow = 32;

// A contraction of so few rows with an operand of so many elements waits for memory, not for
// multiply-adds: what counts is that the operand is read from end to end, once.
bool waits_for_memory(double rows, double elements);
// Such a contraction takes so many steps of k at a time, and its sums wait in an array of at most
// so many elements.
inline constexpr std::int64_t kFewSteps = 8;
inline constexpr std::int64_t kMostSums = 32 << 10;

// What reading an operand of a contraction costs if it passes by `times`: once, if the cache holds
// it; more if its bytes come with no neighbours and cannot be foreseen.
double reading_cost(double bytes, std::int64_t times, bool scattered);
// Bytes of a panel that stay in the level-2 cache while the rows of the other operand pass by.
inline constexpr double kPanelBytes = 256 << 10;
// What the level-2 cache holds: what a kernel goes through beyond that comes from further away.
inline constexpr std::int64_t kNearCacheBytes = 1 << 20;
// Steps of k in which a byte comes from memory: 12 cycles each with a full tile.
inline constexpr int kStepsAhead = 16;

// Of all local buffers of a stream together: bytes that stay near the core, bytes that they may
// take of a thread's stack. Rows of a tile beyond which the keys are read often enough for nothing,
// and below which they are read too often.
inline constexpr std::int64_t kNearBytes = 192 << 10;
inline constexpr std::int64_t kStackBytes = 1 << 20;
inline constexpr std::int64_t kMostTileRows = 32, kFewestTileRows = 4;
// Of a value for each (query, key) that is kept instead of being worked out again, if a vector
// holds the keys.
inline constexpr std::int64_t kKeptScoreBytes = 512 << 10;

// --- What a kernel takes

// Bytes that a cycle moves to or from a memory of so many bytes: that of the cache that holds it.
double bytes_a_cycle(double memory);
// Cycles at the largest batch, of a kernel of a program whose memory is planned: the larger of its
// multiply-adds, a vector of them each, and its bytes; and its calls and random numbers on top. No
// target is asked, and the order of the kernels does not count.
double predicted_cycles(const Program& program, const Unit& unit, int i);

}  // namespace gradc::ir
