package io.fairlead.core.handover;

import io.fairlead.core.backend.BackendStanding;
import io.fairlead.core.balance.AffinityRecord;
import io.fairlead.core.handover.HandedSocket.Kind;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.table.Frontend;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// How values are written in messages, and read. What is read is checked: it comes from another
/// process.
final class Fields {

    /// As many as a flow remembers.
    private static final int MAX_QUESTIONS = 1_024;

    private Fields() {}

    static void write(DataOutput out, HandedSocket socket) throws IOException {
        out.writeByte(socket.kind().number());
        write(out, socket.address());
        out.writeShort(socket.port());
    }

    static HandedSocket socket(DataInput in, int descriptor) throws IOException {
        Kind kind = Kind.of(in.readUnsignedByte());
        HandedSocket socket =
                new HandedSocket(kind, address(in), in.readUnsignedShort(), descriptor);
        if ((kind == Kind.TCP || kind == Kind.UDP) && socket.port() == 0) {
            throw new HandOverException("a frontend without a port");
        }
        return socket;
    }

    static void write(DataOutput out, AffinityRecord client) throws IOException {
        write(out, client.port());
        write(out, client.client());
        write(out, client.backend());
        out.writeLong(client.ageNs());
        out.writeLong(client.ttlNs());
    }

    static AffinityRecord client(DataInput in) throws IOException {
        return new AffinityRecord(
                name(in), address(in), addressPort(in), in.readLong(), in.readLong());
    }

    static void write(DataOutput out, BackendStanding standing) throws IOException {
        write(out, standing.group());
        write(out, standing.backend());
        out.writeBoolean(standing.ejected());
        out.writeInt(standing.times());
        out.writeLong(standing.nanos());
        out.writeInt(standing.failures());
    }

    static BackendStanding standing(DataInput in) throws IOException {
        return new BackendStanding(
                name(in),
                addressPort(in),
                in.readBoolean(),
                in.readInt(),
                in.readLong(),
                in.readInt());
    }

    static void write(DataOutput out, HandedCount count) throws IOException {
        write(out, count.group());
        write(out, count.backend());
        out.writeInt(count.flows());
    }

    static HandedCount count(DataInput in) throws IOException {
        HandedCount count = new HandedCount(name(in), addressPort(in), in.readInt());
        if (count.flows() < 0) {
            throw new HandOverException(count.flows() + " flows");
        }
        return count;
    }

    static void write(DataOutput out, HandedFlow flow) throws IOException {
        write(out, flow.frontend().at());
        out.writeShort(flow.listener());
        write(out, flow.client());
        out.writeShort(flow.clientPort());
        write(out, flow.group());
        write(out, flow.backend());
        out.writeBoolean(flow.asClient());
        out.writeInt(flow.reuses());
        out.writeBoolean(flow.replied());
        out.writeBoolean(flow.counted());
        out.writeInt(flow.outstanding());
        out.writeBoolean(flow.exact());
        out.writeShort(flow.questions().size());
        for (long question : flow.questions()) {
            out.writeLong(question);
        }
        out.writeLong(flow.openNs());
        out.writeLong(flow.quietNs());
    }

    static HandedFlow flow(DataInput in, int descriptor) throws IOException {
        return new HandedFlow(
                new Frontend(Protocol.UDP, addressPort(in)),
                in.readUnsignedShort(),
                address(in),
                in.readUnsignedShort(),
                name(in),
                addressPort(in),
                in.readBoolean(),
                in.readInt(),
                in.readBoolean(),
                in.readBoolean(),
                in.readInt(),
                in.readBoolean(),
                questions(in),
                in.readLong(),
                in.readLong(),
                descriptor);
    }

    private static List<Long> questions(DataInput in) throws IOException {
        int count = in.readUnsignedShort();
        if (count > MAX_QUESTIONS) {
            throw new HandOverException(count + " questions of one flow");
        }
        List<Long> questions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            questions.add(in.readLong());
        }
        return questions;
    }

    private static void write(DataOutput out, ServicePortName name) throws IOException {
        out.writeUTF(name.namespace());
        out.writeUTF(name.service());
        out.writeUTF(name.port());
        out.writeByte(name.protocol().number());
        out.writeByte(name.family() == IpFamily.IPV4 ? 4 : 6);
    }

    private static ServicePortName name(DataInput in) throws IOException {
        return new ServicePortName(
                in.readUTF(), in.readUTF(), in.readUTF(), protocol(in), family(in));
    }

    private static Protocol protocol(DataInput in) throws IOException {
        int number = in.readUnsignedByte();
        for (Protocol protocol : Protocol.values()) {
            if (protocol.number() == number) {
                return protocol;
            }
        }
        throw new HandOverException("unknown protocol " + number);
    }

    private static IpFamily family(DataInput in) throws IOException {
        int number = in.readUnsignedByte();
        return switch (number) {
            case 4 -> IpFamily.IPV4;
            case 6 -> IpFamily.IPV6;
            default -> throw new HandOverException("unknown IP family " + number);
        };
    }

    private static void write(DataOutput out, AddressPort at) throws IOException {
        write(out, at.address());
        out.writeShort(at.port());
    }

    private static AddressPort addressPort(DataInput in) throws IOException {
        IpAddress address = address(in);
        int port = in.readUnsignedShort();
        if (port == 0) {
            throw new HandOverException("port 0 of " + address);
        }
        return new AddressPort(address, port);
    }

    private static void write(DataOutput out, IpAddress address) throws IOException {
        if (address.family() == IpFamily.IPV4) {
            out.writeByte(4);
            out.writeInt((int) address.low());
        } else {
            out.writeByte(6);
            out.writeLong(address.high());
            out.writeLong(address.low());
        }
    }

    private static IpAddress address(DataInput in) throws IOException {
        return switch (family(in)) {
            case IPV4 -> IpAddress.ofIpv4(in.readInt());
            case IPV6 -> IpAddress.ofIpv6(in.readLong(), in.readLong());
        };
    }
}
