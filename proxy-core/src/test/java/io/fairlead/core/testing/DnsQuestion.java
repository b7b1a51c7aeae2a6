package io.fairlead.core.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/// A question of DNS for an address, and an answer to it (RFC 1035).
public record DnsQuestion(int id, String name) {

    private static final int ANSWERED = 0x8180;
    private static final int ASKED = 0x0100;

    /// The number of a message.
    public static int id(byte[] message) {
        return Short.toUnsignedInt(ByteBuffer.wrap(message).getShort());
    }

    public byte[] bytes() {
        return taken(message(ASKED, 0));
    }

    /// The address is 10.0 and the number.
    public byte[] answer() {
        ByteBuffer message = message(ANSWERED, 16);
        message.putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1);
        message.putInt(60).putShort((short) 4).putShort((short) (10 << 8)).putShort((short) id);
        return taken(message);
    }

    private static byte[] taken(ByteBuffer message) {
        byte[] bytes = new byte[message.position()];
        message.flip().get(bytes);
        return bytes;
    }

    private ByteBuffer message(int flags, int more) {
        ByteBuffer message = ByteBuffer.allocate(12 + name.length() + 2 + 4 + more);
        message.putShort((short) id).putShort((short) flags);
        message.putShort((short) 1).putShort((short) (more > 0 ? 1 : 0)).putInt(0);
        for (String label : name.split("\\.", -1)) {
            message.put((byte) label.length()).put(label.getBytes(US_ASCII));
        }
        return message.put((byte) 0).putShort((short) 1).putShort((short) 1);
    }
}
