package io.fairlead.core.bpf;

import io.fairlead.core.kernel.Errno;
import io.fairlead.core.kernel.Syscall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

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
    private static final int MAP_UPDATE_BATCH = 26;

    /// BPF_F_NO_PREALLOC: a trie must, a hash map takes memory as it fills.
    private static final int NO_PREALLOC = 1;

    // union bpf_attr: sizes up to the last field that is set.
    private static final int CREATE_BYTES = 48;
    private static final int ELEMENT_BYTES = 32;
    private static final int BATCH_BYTES = 56;
    private static final int BATCH_KEYS_AT = 16;
    private static final int BATCH_VALUES_AT = 24;
    private static final int BATCH_COUNT_AT = 32;
    private static final int BATCH_MAP_AT = 36;
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

    /// Sets many elements of a hash map by one call (Linux 5.6).
    ///
    /// @param values of the keys, in their order
    /// @return how many are set for sure, from the first on; the first of the others could not be
    public int putAll(List<byte[]> keys, List<byte[]> values) {
        if (keys.isEmpty()) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(BATCH_BYTES, Long.BYTES);
            attributes.set(
                    ValueLayout.JAVA_LONG, BATCH_KEYS_AT, copy(arena, keys, keyBytes).address());
            attributes.set(
                    ValueLayout.JAVA_LONG,
                    BATCH_VALUES_AT,
                    copy(arena, values, valueBytes).address());
            attributes.set(ValueLayout.JAVA_INT, BATCH_COUNT_AT, keys.size());
            attributes.set(ValueLayout.JAVA_INT, BATCH_MAP_AT, descriptor);
            long result = Syscall.bpf(MAP_UPDATE_BATCH, attributes);
            if (result >= 0) {
                return keys.size();
            }
            // A kernel that refuses the whole call leaves the count as it was.
            int count = attributes.get(ValueLayout.JAVA_INT, BATCH_COUNT_AT);
            return count < keys.size() ? count : 0;
        }
    }

    private static MemorySegment copy(Arena arena, List<byte[]> all, int expected) {
        MemorySegment copies = arena.allocate((long) all.size() * expected, Long.BYTES);
        long at = 0;
        for (byte[] bytes : all) {
            if (bytes.length != expected) {
                throw new IllegalArgumentException(bytes.length + " bytes in place of " + expected);
            }
            MemorySegment.copy(bytes, 0, copies, ValueLayout.JAVA_BYTE, at, expected);
            at += expected;
        }
        return copies;
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
