package io.fairlead.core.handover;

/// What two agents say to each other (docs/adr/0011-take-over.md). The numbers and layouts of the
/// first four are the same in every version.
enum MessageType {
    /// Successor: who I am, and the versions that I know.
    HELLO(1),
    /// Predecessor: the version that we speak from here on.
    WELCOME(2),
    /// Predecessor: no, and why.
    REFUSED(3),
    /// Successor: stop taking clients and let go of what only one can have; I start anew.
    RETIRE(4),
    /// Open files.
    SOCKETS(5),
    /// Clients that stick to a backend.
    CLIENTS(6),
    /// What is known against backends.
    STANDINGS(7),
    /// Flows to backends that the predecessor relays.
    COUNTS(8),
    /// Predecessor: these are all.
    PREPARED(9),
    /// Successor: I have them, and wait for the rest.
    READY(10),
    /// Flows of datagrams.
    FLOWS(11),
    /// Predecessor: that was the rest; go.
    OFFERED(12),
    /// Successor: I serve.
    SERVING(13),
    /// Predecessor: I have let go of all.
    LEFT(14);

    private final int number;

    MessageType(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }

    static MessageType of(int number) throws HandOverException {
        for (MessageType type : values()) {
            if (type.number == number) {
                return type;
            }
        }
        throw new HandOverException("a message of unknown type " + number);
    }
}
