package io.fairlead.core.udp;

import java.util.Arrays;
import java.util.List;

/// The questions of a flow that wait for their answers, by [DnsMessage]'s keys. Owned by one event
/// loop.
final class Questions {

    /// Resolvers that ask from one port have some hundreds under way at most; further ones push the
    /// oldest out, which most likely nobody answers.
    private static final int MOST = 1_024;

    private long[] keys = new long[4];
    private int size;
    private boolean exact = true;

    /// A question went to the backend.
    void ask(long key) {
        if (size == MOST) {
            exact = false;
            remove(0);
        } else if (size == keys.length) {
            keys = Arrays.copyOf(keys, 2 * size);
        }
        keys[size++] = key;
    }

    /// An answer came.
    ///
    /// @return whether it is one to a question that waits
    boolean answer(long key) {
        for (int i = 0; i < size; i++) {
            if (DnsMessage.answers(key, keys[i])) {
                remove(i);
                return true;
            }
        }
        return false;
    }

    /// Those that wait, oldest first.
    List<Long> waiting() {
        return Arrays.stream(keys, 0, size).boxed().toList();
    }

    boolean isExact() {
        return exact;
    }

    /// Goes on where another process was.
    void restore(List<Long> waiting, boolean wasExact) {
        waiting.forEach(this::ask);
        exact &= wasExact;
    }

    private void remove(int at) {
        size--;
        System.arraycopy(keys, at + 1, keys, at, size - at);
    }

    /// Whether each had its answer, and none was lost sight of.
    boolean isSettled() {
        return exact && size == 0;
    }
}
