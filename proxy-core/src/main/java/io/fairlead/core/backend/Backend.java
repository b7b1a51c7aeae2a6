package io.fairlead.core.backend;

import io.fairlead.core.service.AddressPort;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.InetSocketAddress;

/// A backend of one service port, alive across table generations.
///
/// Created and retired by the control thread. Event loops count flows on it from any thread;
/// pickers read the counts, a moment old at worst.
public final class Backend {

    private static final VarHandle LIVE;
    private static final VarHandle OPENED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            LIVE = lookup.findVarHandle(Backend.class, "live", int.class);
            OPENED = lookup.findVarHandle(Backend.class, "opened", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final AddressPort at;
    private final InetSocketAddress socketAddress;
    private final BackendGroup group;

    // Written by event loops through the VarHandles.
    private volatile int live;
    private volatile long opened;

    Backend(AddressPort at, BackendGroup group) {
        this.at = at;
        this.socketAddress = new InetSocketAddress(at.address().toInetAddress(), at.port());
        this.group = group;
    }

    public AddressPort at() {
        return at;
    }

    /// The same address as connecting takes it, made once.
    public InetSocketAddress socketAddress() {
        return socketAddress;
    }

    /// The backends of the same service port.
    public BackendGroup group() {
        return group;
    }

    /// Flows that hold this backend now.
    public int live() {
        return live;
    }

    /// Flows that ever held this backend.
    public long opened() {
        return opened;
    }

    /// Takes the backend for a flow; each call is answered by one [#release].
    public void acquire() {
        LIVE.getAndAdd(this, 1);
        OPENED.getAndAdd(this, 1L);
        group.acquire();
    }

    public void release() {
        LIVE.getAndAdd(this, -1);
        group.release();
    }

    @Override
    public String toString() {
        return at.toString();
    }
}
