package io.fairlead.core.udp;

import io.fairlead.core.kernel.Datagrams;

/// Tells which answer belongs to which question of DNS (RFC 1035, 4.1), by the number that the
/// client gave it and by what was asked.
///
/// A key has the number in its upper 16 bits, then a bit that says whether what was asked is known,
/// then a hash of it: name without regard to case, type and class.
final class DnsMessage {

    /// No message, or one that is neither a question nor an answer to one.
    static final long NONE = -1;

    private static final int HEADER = 12;
    private static final int ID_AT = 0;
    private static final int FLAGS_AT = 2;
    private static final int ANSWER = 0x80;
    private static final int QUESTIONS_AT = 4;
    private static final int TYPE_AND_CLASS = 4;
    private static final int LONGEST_NAME = 255;
    private static final int LONGEST_LABEL = 63;

    private static final int ID_SHIFT = 48;
    private static final long KNOWN = 1L << 47;
    private static final long HASH_MASK = KNOWN - 1;

    private DnsMessage() {}

    /// The key of a question.
    static long question(Datagrams datagrams, int slot) {
        long key = key(datagrams, slot, 0);
        return key != NONE && (key & KNOWN) == 0 ? NONE : key;
    }

    /// The key of an answer.
    static long answer(Datagrams datagrams, int slot) {
        return key(datagrams, slot, ANSWER);
    }

    /// Whether an answer's key is that of a question; some errors do not repeat what was asked.
    static boolean answers(long answer, long question) {
        return answer == question
                || ((answer & KNOWN) == 0 && answer >>> ID_SHIFT == question >>> ID_SHIFT);
    }

    private static long key(Datagrams datagrams, int slot, int kind) {
        if (datagrams.length(slot) < HEADER
                || (datagrams.byteAt(slot, FLAGS_AT) & ANSWER) != kind) {
            return NONE;
        }
        long id = (long) datagrams.shortAt(slot, ID_AT) << ID_SHIFT;
        return switch (datagrams.shortAt(slot, QUESTIONS_AT)) {
            case 0 -> id;
            case 1 -> asked(datagrams, slot, id);
            default -> NONE;
        };
    }

    private static long asked(Datagrams datagrams, int slot, long id) {
        int length = datagrams.length(slot);
        long hash = 0;
        int at = HEADER;
        for (int left = 0; ; left--) {
            if (at >= length || at - HEADER > LONGEST_NAME) {
                return NONE;
            }
            int octet = datagrams.byteAt(slot, at++);
            if (left == 0) {
                if (octet == 0) {
                    break;
                }
                if (octet > LONGEST_LABEL) {
                    return NONE; // a reference to a name before it, and none is
                }
                left = octet + 1;
            }
            hash = mix(hash, octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet);
        }
        if (at + TYPE_AND_CLASS > length) {
            return NONE;
        }
        for (int i = 0; i < TYPE_AND_CLASS; i++) {
            hash = mix(hash, datagrams.byteAt(slot, at + i));
        }
        return id | KNOWN | ((hash ^ hash >>> 29) & HASH_MASK);
    }

    private static long mix(long hash, int octet) {
        return (hash + octet + 1) * 0x9e37_79b9_7f4a_7c15L;
    }
}
