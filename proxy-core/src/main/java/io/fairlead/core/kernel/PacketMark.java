package io.fairlead.core.kernel;

/// The one bit that Fairlead uses of the mark of packets and sockets.
///
/// Others' bits: kube-proxy 0x4000 and 0x8000, Cilium 0x0f00, Calico 0xffff0000, AWS VPC CNI 0x80,
/// Tailscale 0xff0000, Istio 1337.
public final class PacketMark {

    /// On sockets that have a client's address, and on packets that answer them.
    public static final int OF_CLIENTS = 0x1000;

    private PacketMark() {}
}
