package io.fairlead.core.handover;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/// Who asks for a hand-over: the first thing that is said, in the same layout for ever; later
/// versions may add to its end.
///
/// @param oldest the oldest version of the talk that it knows
/// @param newest the newest
/// @param namespace inode of its network namespace
/// @param build its program's version, for people
public record Greeting(int oldest, int newest, long namespace, String build) {

    /// The only version so far.
    public static final int VERSION = 1;

    /// One that knows all versions there are.
    public static Greeting of(long namespace, String build) {
        return new Greeting(VERSION, VERSION, namespace, build);
    }

    /// The newest version that both know; 0 for none.
    int common() {
        int both = Math.min(newest, VERSION);
        return both >= Math.max(oldest, VERSION) ? both : 0;
    }

    void write(DataOutput out) throws IOException {
        out.writeShort(oldest);
        out.writeShort(newest);
        out.writeLong(namespace);
        out.writeUTF(build);
    }

    static Greeting read(DataInput in) throws IOException {
        return new Greeting(
                in.readUnsignedShort(), in.readUnsignedShort(), in.readLong(), in.readUTF());
    }
}
