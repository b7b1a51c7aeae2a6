package io.fairlead.core.bpf;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Puts BPF instructions together, with names for places to jump to.
///
/// Only the forms that programs here use; encoded as in the kernel's
/// Documentation/bpf/standardization/instruction-set.rst. Little-endian machines.
public final class Assembler {

    /// A register: R0 is a call's result, R1 to R5 its arguments, R6 to R9 survive it, R10 is the
    /// end of the stack.
    public enum Reg {
        R0(0),
        R1(1),
        R2(2),
        R3(3),
        R4(4),
        R5(5),
        R6(6),
        R7(7),
        R8(8),
        R9(9),
        R10(10);

        private final int number;

        Reg(int number) {
            this.number = number;
        }
    }

    /// Kernel functions, from the list of helpers in linux/bpf.h.
    public enum Helper {
        MAP_LOOKUP_ELEM(1),
        GET_PRANDOM_U32(7),
        SK_RELEASE(86),
        SK_ASSIGN(124);

        private final int number;

        Helper(int number) {
            this.number = number;
        }
    }

    // Classes, sizes and modes of opcodes.
    private static final int LOAD_WIDE = 0x18; // BPF_LD | BPF_DW | BPF_IMM
    private static final int LOAD_WORD = 0x61; // BPF_LDX | BPF_MEM | BPF_W
    private static final int LOAD_HALF = 0x69; // BPF_LDX | BPF_MEM | BPF_H
    private static final int STORE_WORD = 0x63; // BPF_STX | BPF_MEM | BPF_W
    private static final int STORE_WORD_IMM = 0x62; // BPF_ST | BPF_MEM | BPF_W
    private static final int MOVE = 0xbf; // BPF_ALU64 | BPF_MOV | BPF_X
    private static final int MOVE_IMM = 0xb7; // BPF_ALU64 | BPF_MOV | BPF_K
    private static final int ADD = 0x0f; // BPF_ALU64 | BPF_ADD | BPF_X
    private static final int ADD_IMM = 0x07; // BPF_ALU64 | BPF_ADD | BPF_K
    private static final int OR = 0x4f; // BPF_ALU64 | BPF_OR | BPF_X
    private static final int AND_IMM = 0x57; // BPF_ALU64 | BPF_AND | BPF_K
    private static final int SHIFT_LEFT_IMM = 0x67; // BPF_ALU64 | BPF_LSH | BPF_K
    private static final int MODULO_IMM = 0x97; // BPF_ALU64 | BPF_MOD | BPF_K
    private static final int JUMP = 0x05; // BPF_JMP | BPF_JA
    private static final int JUMP_EQUAL_IMM = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private static final int JUMP_NOT_EQUAL_IMM = 0x55; // BPF_JMP | BPF_JNE | BPF_K
    private static final int CALL = 0x85; // BPF_JMP | BPF_CALL
    private static final int EXIT = 0x95; // BPF_JMP | BPF_EXIT

    /// Source register of a wide load whose immediate is a map's descriptor (BPF_PSEUDO_MAP_FD).
    private static final int MAP_DESCRIPTOR = 1;

    private record Jump(int at, String label) {}

    private final List<Long> instructions = new ArrayList<>();
    private final List<Jump> jumps = new ArrayList<>();
    private final Map<String, Integer> labels = new HashMap<>();

    /// Names the place of the next instruction.
    public Assembler label(String name) {
        if (labels.put(name, instructions.size()) != null) {
            throw new IllegalArgumentException("twice: " + name);
        }
        return this;
    }

    public Assembler move(Reg to, Reg from) {
        return add(MOVE, to, from.number, 0, 0);
    }

    public Assembler move(Reg to, int value) {
        return add(MOVE_IMM, to, 0, 0, value);
    }

    public Assembler add(Reg to, Reg value) {
        return add(ADD, to, value.number, 0, 0);
    }

    public Assembler add(Reg to, int value) {
        return add(ADD_IMM, to, 0, 0, value);
    }

    public Assembler or(Reg to, Reg value) {
        return add(OR, to, value.number, 0, 0);
    }

    public Assembler and(Reg to, int mask) {
        return add(AND_IMM, to, 0, 0, mask);
    }

    public Assembler shiftLeft(Reg to, int bits) {
        return add(SHIFT_LEFT_IMM, to, 0, 0, bits);
    }

    /// The remainder, without sign.
    public Assembler modulo(Reg to, int divisor) {
        return add(MODULO_IMM, to, 0, 0, divisor);
    }

    /// `to = *(u32 *) (from + offset)`
    public Assembler loadWord(Reg to, Reg from, int offset) {
        return add(LOAD_WORD, to, from.number, offset, 0);
    }

    /// `to = *(u16 *) (from + offset)`
    public Assembler loadHalf(Reg to, Reg from, int offset) {
        return add(LOAD_HALF, to, from.number, offset, 0);
    }

    /// `*(u32 *) (to + offset) = value`
    public Assembler storeWord(Reg to, int offset, Reg value) {
        return add(STORE_WORD, to, value.number, offset, 0);
    }

    /// `*(u32 *) (to + offset) = value`
    public Assembler storeWord(Reg to, int offset, int value) {
        return add(STORE_WORD_IMM, to, 0, offset, value);
    }

    public Assembler loadMap(Reg to, BpfMap map) {
        add(LOAD_WIDE, to, MAP_DESCRIPTOR, 0, map.descriptor());
        instructions.add(0L);
        return this;
    }

    public Assembler call(Helper helper) {
        return add(CALL, Reg.R0, 0, 0, helper.number);
    }

    public Assembler jump(String label) {
        return jump(JUMP, Reg.R0, 0, label);
    }

    public Assembler jumpIfEqual(Reg left, int right, String label) {
        return jump(JUMP_EQUAL_IMM, left, right, label);
    }

    public Assembler jumpIfNot(Reg left, int right, String label) {
        return jump(JUMP_NOT_EQUAL_IMM, left, right, label);
    }

    /// Ends the program with a value.
    public Assembler exit(int value) {
        move(Reg.R0, value);
        return add(EXIT, Reg.R0, 0, 0, 0);
    }

    private Assembler jump(int code, Reg left, int right, String label) {
        jumps.add(new Jump(instructions.size(), label));
        return add(code, left, 0, 0, right);
    }

    private Assembler add(int code, Reg to, int source, int offset, int immediate) {
        instructions.add(
                (code & 0xffL)
                        | (long) to.number << 8
                        | (long) source << 12
                        | (offset & 0xffffL) << 16
                        | (long) immediate << 32);
        return this;
    }

    /// The instructions, with every jump in its place.
    ///
    /// @throws IllegalStateException when a label is missing
    public long[] assemble() {
        long[] code = instructions.stream().mapToLong(Long::longValue).toArray();
        for (Jump jump : jumps) {
            Integer target = labels.get(jump.label());
            if (target == null) {
                throw new IllegalStateException("no label " + jump.label());
            }
            code[jump.at()] |= (target - jump.at() - 1 & 0xffffL) << 16;
        }
        return code;
    }
}
