package io.fairlead.lab;

import java.net.InetAddress;

/// What became of a client's attempt, told apart as the kernel tells it.
public sealed interface Outcome {

    /// A server answered.
    ///
    /// @param who the server's name
    /// @param seen the client's address as the server saw it
    /// @param seenPort the client's port as the server saw it
    /// @param local the address that the server's socket had
    /// @param localPort the port that the server's socket had
    /// @param own the client's address as the client saw it
    /// @param ownPort the client's port as the client saw it
    record Answered(
            String who,
            InetAddress seen,
            int seenPort,
            InetAddress local,
            int localPort,
            InetAddress own,
            int ownPort)
            implements Outcome {}

    /// TCP: a RST answered the SYN, so there was no handshake. UDP: ICMP port unreachable.
    record Refused() implements Outcome {}

    /// The handshake was done, then came a RST in place of an answer.
    record Reset() implements Outcome {}

    /// The handshake was done, then came a FIN in place of an answer.
    record Ended() implements Outcome {}

    /// Nothing came back within the client's patience. TCP: no handshake.
    record Silent() implements Outcome {}

    /// The handshake was done, then nothing came within the client's patience.
    record Mute() implements Outcome {}

    /// A reply came, from another address or port than the one asked.
    record FromElsewhere(InetAddress address, int port) implements Outcome {}

    /// There is no way there: no route, or nobody at its end.
    record Unreachable(String message) implements Outcome {}
}
