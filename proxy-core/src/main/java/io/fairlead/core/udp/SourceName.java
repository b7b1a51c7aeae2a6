package io.fairlead.core.udp;

/// Whose address and port a backend sees of a socket.
enum SourceName {
    /// This node's; the socket may serve flows of any client.
    NODE,

    /// The client's, and its port where that is free: the socket serves one flow.
    CLIENT,

    /// The client's address, at one of [SharedPorts]: the socket may serve flows of this client.
    CLIENT_ADDRESS
}
