package io.fairlead.lab.frames;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// Numbered, checksummed frames: flow, number, length, payload, CRC-32C of all that.
final class Frames {

    static final int MAX_PAYLOAD = 16 << 10;

    private static final int HEADER = Long.BYTES + Integer.BYTES + Integer.BYTES;

    private Frames() {}

    /// One as it was read.
    ///
    /// @param bytes the whole of it, to be sent on
    record Frame(long flow, int number, ByteBuffer bytes) {}

    /// The bytes were not what somebody sent.
    static class Corrupt extends RuntimeException {
        private static final long serialVersionUID = 1;

        Corrupt(String what) {
            super(what);
        }
    }

    /// The end of a stream came within a frame: only a process that was killed leaves that behind.
    static final class Cut extends Corrupt {
        private static final long serialVersionUID = 1;

        Cut() {
            super("a clean end of stream within a frame");
        }
    }

    static byte[] frame(long flow, int number, Random random) {
        byte[] payload = new byte[random.nextInt(MAX_PAYLOAD)];
        random.nextBytes(payload);
        ByteBuffer frame = ByteBuffer.allocate(HEADER + payload.length + Integer.BYTES);
        frame.putLong(flow).putInt(number).putInt(payload.length).put(payload);
        frame.putInt(crc(frame.array(), HEADER + payload.length));
        return frame.array();
    }

    /// The next one; null at an end of stream between two.
    ///
    /// @throws Corrupt for what is none, an end of stream inside of one among it
    static @Nullable Frame read(DataInputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        byte[] header = new byte[HEADER];
        header[0] = (byte) first;
        try {
            in.readFully(header, 1, HEADER - 1);
            ByteBuffer fields = ByteBuffer.wrap(header);
            long flow = fields.getLong();
            int number = fields.getInt();
            int length = fields.getInt();
            if (length < 0 || length >= MAX_PAYLOAD) {
                throw new Corrupt("length " + length);
            }
            byte[] all = new byte[HEADER + length + Integer.BYTES];
            System.arraycopy(header, 0, all, 0, HEADER);
            in.readFully(all, HEADER, length + Integer.BYTES);
            if (ByteBuffer.wrap(all).getInt(HEADER + length) != crc(all, HEADER + length)) {
                throw new Corrupt("checksum of frame " + number + " of flow " + flow);
            }
            return new Frame(flow, number, ByteBuffer.wrap(all));
        } catch (EOFException _) {
            throw new Cut();
        }
    }

    private static int crc(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
