package io.fairlead.core.kernel;

import java.util.Map;

/// Error numbers of Linux, from asm-generic/errno-base.h and asm-generic/errno.h.
public final class Errno {

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int E2BIG = 7;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EEXIST = 17;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOSPC = 28;
    public static final int EPIPE = 32;
    public static final int ENOSYS = 38;
    public static final int EMSGSIZE = 90;
    public static final int EOPNOTSUPP = 95;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ENETUNREACH = 101;
    public static final int ECONNRESET = 104;
    public static final int ENOBUFS = 105;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;
    public static final int EHOSTUNREACH = 113;
    public static final int EINPROGRESS = 115;
    public static final int ECANCELED = 125;

    private static final Map<Integer, String> WORDS =
            Map.ofEntries(
                    Map.entry(EPERM, "not permitted"),
                    Map.entry(ENOENT, "not there"),
                    Map.entry(E2BIG, "too big"),
                    Map.entry(ENOMEM, "out of memory"),
                    Map.entry(EACCES, "access denied"),
                    Map.entry(EEXIST, "there already"),
                    Map.entry(EINVAL, "invalid argument"),
                    Map.entry(EMFILE, "too many open files"),
                    Map.entry(ENOSPC, "no space left"),
                    Map.entry(ENOSYS, "not implemented by this kernel"),
                    Map.entry(EADDRINUSE, "address in use"),
                    Map.entry(EADDRNOTAVAIL, "address not available"),
                    Map.entry(ENETUNREACH, "network unreachable"),
                    Map.entry(ETIMEDOUT, "timed out"),
                    Map.entry(ECONNREFUSED, "refused"),
                    Map.entry(EHOSTUNREACH, "host unreachable"),
                    Map.entry(EOPNOTSUPP, "not supported"));

    private Errno() {}

    /// `not permitted (errno 1)`.
    public static String text(int errno) {
        String word = WORDS.get(errno);
        return word == null ? "errno " + errno : word + " (errno " + errno + ")";
    }
}
