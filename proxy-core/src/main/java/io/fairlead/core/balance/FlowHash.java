package io.fairlead.core.balance;

import io.fairlead.core.service.IpAddress;

/// 64-bit hashes of clients and flows: the same on every node and in every JVM.
///
/// Each word is folded in by SplitMix64's step (Steele, Lea, Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014): its odd increment, then Stafford's mix 13 ("Better bit
/// mixing", 2011). The seed is fixed and therefore public: who chooses ports or addresses can
/// choose a hash.
///
/// A client is hashed by the two longs of [IpAddress], so an IPv4 client must come as IPv4, not as
/// IPv4-mapped IPv6.
public final class FlowHash {

    // Any constant does; the fractional bits of pi hide nothing.
    private static final long SEED = 0x243f_6a88_85a3_08d3L;
    private static final long INCREMENT = 0x9e37_79b9_7f4a_7c15L;

    private FlowHash() {}

    /// Of a client's address, as [HashKey#CLIENT] asks.
    public static long client(long high, long low) {
        return fold(fold(SEED, high), low);
    }

    public static long client(IpAddress client) {
        return client(client.high(), client.low());
    }

    /// Of where flows are sent: one per VIP, worth keeping.
    ///
    /// @param protocol the IP protocol number
    public static long destination(long high, long low, int port, int protocol) {
        return fold(fold(fold(~SEED, high), low), (long) protocol << Short.SIZE | port);
    }

    /// Of a flow's 5-tuple, as [HashKey#TUPLE] asks.
    ///
    /// @param client from [#client]
    /// @param destination from [#destination]
    public static long flow(long client, int clientPort, long destination) {
        return fold(fold(client, clientPort), destination);
    }

    /// Mixes one more word into a hash.
    public static long fold(long hash, long word) {
        long z = (hash ^ word) + INCREMENT;
        z = (z ^ z >>> 30) * 0xbf58_476d_1ce4_e5b9L;
        z = (z ^ z >>> 27) * 0x94d0_49bb_1331_11ebL;
        return z ^ z >>> 31;
    }
}
