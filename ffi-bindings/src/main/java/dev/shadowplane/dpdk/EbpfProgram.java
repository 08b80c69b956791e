package dev.shadowplane.dpdk;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.shadowplane.dpdk.abi23.rte_bpf_prm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Mends a program that librte_bpf 22.11 has translated from libpcap's. It forgets the index of a
 * load of one or four bytes at a computed place; and it encodes the test of bits by a constant of
 * one byte wrongly for x86-64, so that the machine code behind it is garbage: such a constant goes
 * through a register instead.
 */
final class EbpfProgram {
  private static final int OPCODE_JUMP = 0x05;
  private static final int OPCODE_CLASS = 0x07;
  private static final int OPCODE_CALL = 0x85;
  private static final int OPCODE_EXIT = 0x95;
  private static final int TEST_CONSTANT = 0x45;
  private static final int TEST_REGISTER = 0x4d;
  private static final int MOVE_CONSTANT = 0xb7;

  private static final int LOAD_CLASS = 0x00;
  private static final int LOAD_MODE = 0xe0;
  private static final int LOAD_ABSOLUTE = 0x20;
  private static final int LOAD_INDEXED = 0x40;

  /** What stands for the index in translated programs. */
  private static final long INDEX = 7;

  /** A register that translated programs leave alone, and that no value stays in. */
  private static final long SCRATCH = 2;

  private EbpfProgram() {}

  /**
   * Changes what is to be loaded; what it refers to from then on lives in the arena.
   *
   * @return false when it loads from before the frame: the machine code would not notice
   */
  static boolean mend(Arena arena, MemorySegment parameters) {
    final int count = rte_bpf_prm.nb_ins(parameters);
    final MemorySegment from = rte_bpf_prm.ins(parameters).reinterpret(count * 8L);
    final int[] places = new int[count + 1];
    for (int i = 0; i < count; i++) {
      places[i + 1] = places[i] + (isWrong(from.getAtIndex(JAVA_LONG, i)) ? 2 : 1);
    }
    final MemorySegment to = arena.allocate(JAVA_LONG, places[count]);
    for (int i = 0; i < count; i++) {
      long instruction = from.getAtIndex(JAVA_LONG, i);
      // The jump itself is the last of what it became.
      final int place = places[i + 1] - 1;
      if (isJump(instruction)) {
        final int target = i + 1 + (short) (instruction >>> 16);
        final long offset = (places[target] - place - 1) & 0xffffL;
        instruction = (instruction & ~0xffff_0000L) | offset << 16;
      }
      if (isLoad(instruction, LOAD_ABSOLUTE) || isLoad(instruction, LOAD_INDEXED)) {
        if (instruction < 0) {
          return false;
        }
        if (isLoad(instruction, LOAD_INDEXED)) {
          instruction = (instruction & ~0xf000L) | INDEX << 12;
        }
      }
      if (isWrong(instruction)) {
        final long constant = instruction >>> 32;
        to.setAtIndex(JAVA_LONG, place - 1, MOVE_CONSTANT | SCRATCH << 8 | constant << 32);
        instruction = (instruction & 0xffff_0f00L) | TEST_REGISTER | SCRATCH << 12;
      }
      to.setAtIndex(JAVA_LONG, place, instruction);
    }
    rte_bpf_prm.ins(parameters, to);
    rte_bpf_prm.nb_ins(parameters, places[count]);
    return true;
  }

  private static boolean isLoad(long instruction, int mode) {
    return (instruction & (OPCODE_CLASS | LOAD_MODE)) == (LOAD_CLASS | mode);
  }

  private static boolean isWrong(long instruction) {
    final int constant = (int) (instruction >> 32);
    return (instruction & 0xff) == TEST_CONSTANT && constant == (byte) constant;
  }

  private static boolean isJump(long instruction) {
    final int opcode = (int) (instruction & 0xff);
    return (opcode & OPCODE_CLASS) == OPCODE_JUMP && opcode != OPCODE_CALL && opcode != OPCODE_EXIT;
  }
}
