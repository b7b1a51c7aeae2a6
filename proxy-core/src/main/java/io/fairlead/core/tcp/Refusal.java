package io.fairlead.core.tcp;

import io.fairlead.core.transport.SocketHandle;
import io.netty.channel.unix.FileDescriptor;

/// An accepted connection that nothing serves: reset, never a clean end that would look like an
/// empty answer.
final class Refusal extends SocketHandle {

    Refusal(FileDescriptor socket) {
        super(socket);
    }

    @Override
    protected void onReady(int events) {}

    @Override
    protected void onFailure(Throwable cause) {}
}
