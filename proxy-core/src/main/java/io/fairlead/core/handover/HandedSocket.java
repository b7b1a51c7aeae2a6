package io.fairlead.core.handover;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.Frontend;

/// An open file that one agent gives to the next: mostly a socket at which clients arrive.
///
/// @param address where it is bound; of no meaning but for [Kind#TCP], [Kind#UDP] and [Kind#OTHER]
/// @param port the same; 0 for none
/// @param descriptor in the process that holds the record
public record HandedSocket(Kind kind, IpAddress address, int port, int descriptor) {

    /// What it is. The numbers are those of the messages.
    public enum Kind {
        /// Listens at a frontend.
        TCP(1),
        /// Takes datagrams at a frontend; there are several at each, whose order counts.
        UDP(2),
        /// Listens for TCP clients of any VIP, whom a program leads there.
        LED(3),
        /// Listens for something else: health, metrics, the admin page.
        OTHER(4),
        /// Holds the name by which an agent is the one of its network namespace.
        LOCK(5),
        /// The link of the program that leads clients.
        LINK(6);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }

        static Kind of(int number) throws HandOverException {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new HandOverException("an open file of unknown kind " + number);
        }
    }

    /// A socket at a frontend.
    public static HandedSocket at(Frontend frontend, int descriptor) {
        return new HandedSocket(
                frontend.protocol() == Protocol.TCP ? Kind.TCP : Kind.UDP,
                frontend.at().address(),
                frontend.at().port(),
                descriptor);
    }

    /// What has no address of its own.
    public static HandedSocket of(Kind kind, IpFamily family, int descriptor) {
        return new HandedSocket(kind, IpAddress.any(family), 0, descriptor);
    }

    /// Where its clients arrive; only of those that are at a frontend.
    Frontend frontend() {
        return new Frontend(
                kind == Kind.TCP ? Protocol.TCP : Protocol.UDP, new AddressPort(address, port));
    }

    HandedSocket with(int other) {
        return new HandedSocket(kind, address, port, other);
    }
}
