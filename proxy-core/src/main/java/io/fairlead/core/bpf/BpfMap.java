package io.fairlead.core.bpf;

import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A BPF map, by its descriptor. It lives until the last program and descriptor that name it go.
public final class BpfMap implements AutoCloseable {

    /// Kinds of map, from enum bpf_map_type of linux/bpf.h.
    public enum Type {
        HASH(1),
        LPM_TRIE(11),
        SOCKMAP(15);

        private final int number;

        Type(int number) {
            this.number = number;
        }
    }

    // enum bpf_cmd of linux/bpf.h
    private static final int MAP_CREATE = 0;
    private static final int MAP_UPDATE_ELEM = 2;
    private static final int MAP_DELETE_ELEM = 3;

    /// BPF_F_NO_PREALLOC: a trie must, a hash map takes memory as it fills.
    private static final int NO_PREALLOC = 1;

    // union bpf_attr: sizes up to the last field that is set.
    private static final int CREATE_BYTES = 48;
    private static final int ELEMENT_BYTES = 32;
    private static final int NAME_AT = 28;
    private static final int NAME_BYTES = 16;

    private final String name;
    private final int descriptor;
    private final int keyBytes;
    private final int valueBytes;

    private BpfMap(String name, int descriptor, int keyBytes, int valueBytes) {
        this.name = name;
        this.descriptor = descriptor;
        this.keyBytes = keyBytes;
        this.valueBytes = valueBytes;
    }

    /// Makes a map.
    ///
    /// @param name at most 15 letters, digits and underscores, for `bpftool`
    public static BpfMap create(Type type, String name, int keyBytes, int valueBytes, int entries)
            throws BpfException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(CREATE_BYTES, Long.BYTES);
            attributes.set(ValueLayout.JAVA_INT, 0, type.number);
            attributes.set(ValueLayout.JAVA_INT, 4, keyBytes);
            attributes.set(ValueLayout.JAVA_INT, 8, valueBytes);
            attributes.set(ValueLayout.JAVA_INT, 12, entries);
            attributes.set(ValueLayout.JAVA_INT, 16, type == Type.SOCKMAP ? 0 : NO_PREALLOC);
            BpfNames.put(attributes, NAME_AT, NAME_BYTES, name);
            long result = Syscall.bpf(MAP_CREATE, attributes);
            if (result < 0) {
                throw new BpfException("BPF map " + name, (int) -result);
            }
            return new BpfMap(name, (int) result, keyBytes, valueBytes);
        }
    }

    public int descriptor() {
        return descriptor;
    }

    /// Sets one element.
    public void put(byte[] key, byte[] value) throws BpfException {
        try (Arena arena = Arena.ofConfined()) {
            long result =
                    element(
                            MAP_UPDATE_ELEM,
                            arena,
                            copy(arena, key, keyBytes),
                            copy(arena, value, valueBytes));
            if (result < 0) {
                throw failure("cannot take another entry", result);
            }
        }
    }

    /// Removes one element; it may be missing.
    public void remove(byte[] key) throws BpfException {
        try (Arena arena = Arena.ofConfined()) {
            long result =
                    element(MAP_DELETE_ELEM, arena, copy(arena, key, keyBytes), MemorySegment.NULL);
            if (result < 0 && result != -Errno.ENOENT) {
                throw failure("cannot let go of an entry", result);
            }
        }
    }

    private long element(int command, Arena arena, MemorySegment key, MemorySegment value) {
        MemorySegment attributes = arena.allocate(ELEMENT_BYTES, Long.BYTES);
        attributes.set(ValueLayout.JAVA_INT, 0, descriptor);
        attributes.set(ValueLayout.JAVA_LONG, 8, key.address());
        attributes.set(ValueLayout.JAVA_LONG, 16, value.address());
        return Syscall.bpf(command, attributes);
    }

    private static MemorySegment copy(Arena arena, byte[] bytes, int expected) {
        if (bytes.length != expected) {
            throw new IllegalArgumentException(bytes.length + " bytes in place of " + expected);
        }
        MemorySegment copy = arena.allocate(expected, Long.BYTES);
        MemorySegment.copy(bytes, 0, copy, ValueLayout.JAVA_BYTE, 0, expected);
        return copy;
    }

    private BpfException failure(String what, long result) {
        return new BpfException("BPF map " + name + " " + what, (int) -result);
    }

    @Override
    public void close() {
        Syscall.close(descriptor);
    }
}
