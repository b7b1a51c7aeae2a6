package io.fairlead.core.transport;

import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoOps;

/// A socket's request to an io_uring to tell when it is ready: what a registration with epoll is to
/// that.
///
/// By edges, one request tells for as long as the socket lives; else each tells once and is made
/// again when its event has been handled. A request holds the socket open: it is taken back before
/// the socket is closed. Owned by one event loop.
final class RingPoll {

    // linux/io_uring.h
    private static final byte POLL_ADD = 6;
    private static final byte ASYNC_CANCEL = 14;
    private static final int POLL_ADD_MULTI = 1;
    private static final int CQE_MORE = 1 << 1;

    private static final int EDGES = EpollIoOps.EPOLLET.value();

    /// What urgent data shows as; see [Transport#tellsOfUrgentData].
    private static final int URGENT = 0x002;

    private static final long NOT_ARMED = 0;

    private final IoRegistration registration;
    private final int socket;
    private int wanted;
    private IoUringIoOps request;
    private long armed = NOT_ARMED;

    /// Of the request: events of one that was taken back are none.
    private short number;

    RingPoll(IoRegistration registration, int socket) {
        this.registration = registration;
        this.socket = socket;
        this.request = request(EDGES);
    }

    private IoUringIoOps request(int events) {
        int flags = (events & EDGES) != 0 ? POLL_ADD_MULTI : 0;
        int mask = events & ~EDGES & ~URGENT;
        return new IoUringIoOps(
                POLL_ADD, (byte) 0, (short) 0, socket, 0, 0, flags, mask, (long) number,
                (short) 0, (short) 0, 0, 0);
    }

    /// Changes what is told.
    void watch(int events) {
        if (events != wanted) {
            disarm();
            wanted = events;
            number++;
            request = request(events);
        }
        arm();
    }

    /// Asks again where the last request is over.
    void arm() {
        if (armed == NOT_ARMED && wanted != EDGES) {
            armed = registration.submit(request);
        }
    }

    /// Takes back the request. Not by POLL_REMOVE, which fails when an event is on its way.
    void disarm() {
        if (armed != NOT_ARMED) {
            long _ =
                    registration.submit(
                            new IoUringIoOps(
                                    ASYNC_CANCEL,
                                    (byte) 0,
                                    (short) 0,
                                    -1,
                                    0,
                                    armed,
                                    0,
                                    0,
                                    0L,
                                    (short) 0,
                                    (short) 0,
                                    0,
                                    0));
            armed = NOT_ARMED;
        }
    }

    /// What an event says is ready; 0 for nothing, or the negative of an errno.
    int ready(IoUringIoEvent event) {
        if (event.opcode() != POLL_ADD || event.userData() != number) {
            return 0;
        }
        if ((event.flags() & CQE_MORE) == 0) {
            armed = NOT_ARMED;
        }
        return event.res();
    }
}
