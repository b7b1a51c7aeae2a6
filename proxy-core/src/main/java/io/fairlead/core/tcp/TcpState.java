package io.fairlead.core.tcp;

/// States of a TCP socket that tell what became of a handshake (net/tcp_states.h).
///
/// Asking for the state is the one way to learn it that disturbs nothing: SO_ERROR alone takes a
/// stale event for success, and a second connect(2) on a socket that was reset meanwhile throws
/// away what the peer had sent before.
final class TcpState {

    static final int NONE = 0;
    static final int SYN_SENT = 2;
    static final int CLOSE = 7;
    static final int CLOSING = 11;

    private TcpState() {}
}
