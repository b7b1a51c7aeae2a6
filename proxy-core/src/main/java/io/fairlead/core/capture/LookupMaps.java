package io.fairlead.core.capture;

import io.fairlead.core.bpf.BpfException;
import io.fairlead.core.bpf.BpfMap;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.table.Frontend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;

/// What the [LookupProgram] looks up, and the one place that knows how keys and values are laid
/// out.
///
/// - `fl_frontends`: where clients arrive -> flags and the set of sources that may.
/// - `fl_prefixes`: (set, prefix) -> present. The sets are the VIPs, pods and this node, and one of
///   source ranges for each service port that has some.
/// - `fl_listeners`: the listening sockets, those of IPv4 first.
final class LookupMaps implements AutoCloseable {

    /// struct { u32 tag; u32 address[4]; }: family, protocol and port in the tag, in the machine's
    /// order; the address in network order, that of IPv4 in the first word.
    static final int FRONTEND_KEY_BYTES = 20;

    /// struct { u32 flags; u32 set; }
    static final int FRONTEND_VALUE_BYTES = 8;

    /// struct { u32 bits; u32 set; u32 address[4]; }; the set counts among the bits.
    static final int PREFIX_KEY_BYTES = 24;

    static final int SET_BITS = 32;

    /// The frontend's clients go to a socket of their own address and port, not to a listener.
    static final int PASS = 1;

    /// Outsiders are refused.
    static final int PODS_AND_NODE_ONLY = 2;

    /// Sources outside the frontend's set are refused.
    static final int RANGES = 4;

    // Sets; that of IPv6 follows that of IPv4.
    static final int PODS_AND_NODE = 0;
    static final int VIPS = 2;
    static final int FIRST_FREE_SET = 4;

    /// Frontends of 45,000 service ports with a node port at two addresses in two families; empty
    /// slots take 16 bytes each.
    static final int MAX_FRONTENDS = 1 << 18;

    private static final int MAX_PREFIXES = 1 << 18;
    private static final int TAG_FAMILY_SHIFT = 24;
    private static final int TAG_PROTOCOL_SHIFT = 16;

    final BpfMap frontends;
    final BpfMap prefixes;
    final BpfMap listeners;

    private LookupMaps(BpfMap frontends, BpfMap prefixes, BpfMap listeners) {
        this.frontends = frontends;
        this.prefixes = prefixes;
        this.listeners = listeners;
    }

    /// Makes the maps.
    ///
    /// @param sockets how many listening sockets there will be, over both families
    static LookupMaps create(int sockets) throws BpfException {
        BpfMap frontends =
                BpfMap.create(
                        BpfMap.Type.HASH,
                        "fl_frontends",
                        FRONTEND_KEY_BYTES,
                        FRONTEND_VALUE_BYTES,
                        MAX_FRONTENDS);
        BpfMap prefixes = null;
        try {
            prefixes =
                    BpfMap.create(
                            BpfMap.Type.LPM_TRIE,
                            "fl_prefixes",
                            PREFIX_KEY_BYTES,
                            Integer.BYTES,
                            MAX_PREFIXES);
            BpfMap listeners =
                    BpfMap.create(
                            BpfMap.Type.SOCKMAP,
                            "fl_listeners",
                            Integer.BYTES,
                            Long.BYTES,
                            sockets);
            return new LookupMaps(frontends, prefixes, listeners);
        } catch (BpfException e) {
            if (prefixes != null) {
                prefixes.close();
            }
            frontends.close();
            throw e;
        }
    }

    /// The part of a frontend's tag that tells the families apart.
    static int familyTag(IpFamily family) {
        return (family == IpFamily.IPV4 ? 4 : 6) << TAG_FAMILY_SHIFT;
    }

    static int protocolShift() {
        return TAG_PROTOCOL_SHIFT;
    }

    void put(Frontend frontend, int flags, int set) throws BpfException {
        frontends.put(key(frontend), value(flags, set));
    }

    /// Puts frontends without source ranges.
    ///
    /// @param flags of the frontends, in their order
    /// @return how many of them are there now, from the first on
    int putAll(List<Frontend> these, List<Integer> flags) {
        return frontends.putAll(
                these.stream().map(LookupMaps::key).toList(),
                flags.stream().map(f -> value(f, 0)).toList());
    }

    private static byte[] value(int flags, int set) {
        return words(FRONTEND_VALUE_BYTES).putInt(flags).putInt(set).array();
    }

    void remove(Frontend frontend) throws BpfException {
        frontends.remove(key(frontend));
    }

    void put(int set, Cidr cidr) throws BpfException {
        prefixes.put(key(set, cidr), words(Integer.BYTES).putInt(1).array());
    }

    void remove(int set, Cidr cidr) throws BpfException {
        prefixes.remove(key(set, cidr));
    }

    /// Sets listening sockets from slot `from` on.
    void listen(int from, Collection<Integer> descriptors) throws BpfException {
        int slot = from;
        for (int descriptor : descriptors) {
            listeners.put(
                    words(Integer.BYTES).putInt(slot++).array(),
                    words(Long.BYTES).putLong(descriptor).array());
        }
    }

    /// The set of a family, given that of IPv4.
    static int ofFamily(int set, IpFamily family) {
        return family == IpFamily.IPV4 ? set : set + 1;
    }

    private static byte[] key(Frontend frontend) {
        AddressPort at = frontend.at();
        Protocol protocol = frontend.protocol();
        int tag =
                familyTag(at.address().family())
                        | protocol.number() << TAG_PROTOCOL_SHIFT
                        | at.port();
        return address(words(FRONTEND_KEY_BYTES).putInt(tag), at.address()).array();
    }

    private static byte[] key(int set, Cidr cidr) {
        ByteBuffer key = words(PREFIX_KEY_BYTES).putInt(SET_BITS + cidr.prefix()).putInt(set);
        return address(key, cidr.address()).array();
    }

    private static ByteBuffer words(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
    }

    private static ByteBuffer address(ByteBuffer key, IpAddress address) {
        key.order(ByteOrder.BIG_ENDIAN);
        return switch (address.family()) {
            case IPV4 -> key.putInt((int) address.low());
            case IPV6 -> key.putLong(address.high()).putLong(address.low());
        };
    }

    @Override
    public void close() {
        listeners.close();
        prefixes.close();
        frontends.close();
    }
}
