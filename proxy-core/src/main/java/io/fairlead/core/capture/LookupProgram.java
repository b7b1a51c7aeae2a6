package io.fairlead.core.capture;

import static io.fairlead.core.bpf.Assembler.Reg.R0;
import static io.fairlead.core.bpf.Assembler.Reg.R1;
import static io.fairlead.core.bpf.Assembler.Reg.R10;
import static io.fairlead.core.bpf.Assembler.Reg.R2;
import static io.fairlead.core.bpf.Assembler.Reg.R3;
import static io.fairlead.core.bpf.Assembler.Reg.R6;
import static io.fairlead.core.bpf.Assembler.Reg.R7;
import static io.fairlead.core.bpf.Assembler.Reg.R8;
import static io.fairlead.core.bpf.Assembler.Reg.R9;

import io.fairlead.core.bpf.Assembler;
import io.fairlead.core.bpf.Assembler.Helper;
import io.fairlead.core.bpf.Assembler.Reg;
import io.fairlead.core.bpf.BpfException;
import io.fairlead.core.bpf.BpfProgram;
import io.fairlead.core.service.IpFamily;

/// The program that the kernel runs when a packet arrives for which no connection exists: it picks
/// the listening socket, or refuses.
///
/// In words: look for a frontend at the destination. Found, and the source may: one of the
/// listening sockets of that family, at random, so that event loops share the work. Found, and the
/// source may not, or not found while the destination is an address of ours: refuse, which is RST
/// for TCP and port unreachable for UDP (SEMANTICS A6). All else is none of our business.
final class LookupProgram {

    // struct bpf_sk_lookup of linux/bpf.h: offsets
    private static final int FAMILY = 8;
    private static final int PROTOCOL = 12;
    private static final int REMOTE_IP4 = 16;
    private static final int REMOTE_IP6 = 20;
    private static final int LOCAL_IP4 = 40;
    private static final int LOCAL_IP6 = 44;
    private static final int LOCAL_PORT = 60;

    // enum sk_action
    private static final int SK_DROP = 0;
    private static final int SK_PASS = 1;

    private static final int AF_INET6 = 10;

    // The stack, from its end down: the key of a frontend, that of a prefix, a slot number.
    private static final int FRONTEND_KEY = -LookupMaps.FRONTEND_KEY_BYTES - 4;
    private static final int FRONTEND_ADDRESS = FRONTEND_KEY + 4;
    private static final int PREFIX_KEY = FRONTEND_KEY - LookupMaps.PREFIX_KEY_BYTES;
    private static final int PREFIX_SET = PREFIX_KEY + 4;
    private static final int PREFIX_ADDRESS = PREFIX_KEY + 8;
    private static final int SLOT = PREFIX_KEY - 8;

    private static final int WORDS_OF_ADDRESS = 4;
    private static final int WORD = 4;
    private static final int ALL_BITS = LookupMaps.SET_BITS + 128;

    // Registers that hold the same from beginning to end.
    private static final Reg CONTEXT = R6;

    /// 0 for IPv4, 1 for IPv6: what is added to a set's number.
    private static final Reg IPV6 = R8;

    private static final Reg FOUND = R9;

    private final Assembler code = new Assembler();
    private final LookupMaps maps;
    private final int socketsPerFamily;

    private LookupProgram(LookupMaps maps, int socketsPerFamily) {
        this.maps = maps;
        this.socketsPerFamily = socketsPerFamily;
    }

    static BpfProgram load(LookupMaps maps, int socketsPerFamily) throws BpfException {
        return BpfProgram.loadSkLookup(
                "fairlead", new LookupProgram(maps, socketsPerFamily).instructions());
    }

    private long[] instructions() {
        code.move(CONTEXT, R1);
        destination();
        findFrontend();
        checkSource();
        assign();
        code.label("unknown");
        refuseInsideVips();
        code.label("pass").exit(SK_PASS);
        code.label("drop").exit(SK_DROP);
        return code.assemble();
    }

    /// Writes the frontend's key; leaves the family in [#IPV6].
    private void destination() {
        code.loadWord(R2, CONTEXT, PROTOCOL).shiftLeft(R2, LookupMaps.protocolShift());
        code.loadWord(R3, CONTEXT, LOCAL_PORT).or(R2, R3);
        code.loadWord(R7, CONTEXT, FAMILY).jumpIfEqual(R7, AF_INET6, "to IPv6");
        code.move(IPV6, 0).move(R3, LookupMaps.familyTag(IpFamily.IPV4)).or(R2, R3);
        code.storeWord(R10, FRONTEND_KEY, R2);
        address4(LOCAL_IP4, FRONTEND_ADDRESS);
        code.jump("find");
        code.label("to IPv6");
        code.move(IPV6, 1).move(R3, LookupMaps.familyTag(IpFamily.IPV6)).or(R2, R3);
        code.storeWord(R10, FRONTEND_KEY, R2);
        address6(LOCAL_IP6, FRONTEND_ADDRESS);
        code.label("find");
    }

    private void findFrontend() {
        code.loadMap(R1, maps.frontends).move(R2, R10).add(R2, FRONTEND_KEY);
        code.call(Helper.MAP_LOOKUP_ELEM).jumpIfEqual(R0, 0, "unknown").move(FOUND, R0);
    }

    private void checkSource() {
        code.loadWord(R2, FOUND, 0).jumpIfEqual(R2, 0, "assign");
        code.jumpIfEqual(IPV6, 1, "from IPv6");
        address4(REMOTE_IP4, PREFIX_ADDRESS);
        code.jump("check");
        code.label("from IPv6");
        address6(REMOTE_IP6, PREFIX_ADDRESS);
        code.label("check");
        code.loadWord(R2, FOUND, 0).and(R2, LookupMaps.PODS_AND_NODE_ONLY);
        code.jumpIfEqual(R2, 0, "ranges").move(R3, LookupMaps.PODS_AND_NODE).add(R3, IPV6);
        findPrefix();
        code.jumpIfEqual(R0, 0, "drop");
        code.label("ranges");
        code.loadWord(R2, FOUND, 0).and(R2, LookupMaps.RANGES).jumpIfEqual(R2, 0, "assign");
        code.loadWord(R3, FOUND, WORD);
        findPrefix();
        code.jumpIfEqual(R0, 0, "drop");
    }

    private void assign() {
        code.label("assign").loadWord(R2, FOUND, 0).and(R2, LookupMaps.PASS);
        code.jumpIfNot(R2, 0, "pass").call(Helper.GET_PRANDOM_U32).modulo(R0, socketsPerFamily);
        code.jumpIfEqual(IPV6, 0, "slot").add(R0, socketsPerFamily);
        code.label("slot").storeWord(R10, SLOT, R0);
        code.loadMap(R1, maps.listeners).move(R2, R10).add(R2, SLOT);
        code.call(Helper.MAP_LOOKUP_ELEM).jumpIfEqual(R0, 0, "drop").move(R7, R0);
        code.move(R1, CONTEXT).move(R2, R7).move(R3, 0).call(Helper.SK_ASSIGN).move(FOUND, R0);
        code.move(R1, R7).call(Helper.SK_RELEASE).jumpIfNot(FOUND, 0, "drop").jump("pass");
    }

    private void refuseInsideVips() {
        for (int word = 0; word < WORDS_OF_ADDRESS; word++) {
            code.loadWord(R2, R10, FRONTEND_ADDRESS + word * WORD);
            code.storeWord(R10, PREFIX_ADDRESS + word * WORD, R2);
        }
        code.move(R3, LookupMaps.VIPS).add(R3, IPV6);
        findPrefix();
        code.jumpIfNot(R0, 0, "drop");
    }

    /// Looks for the address in [#PREFIX_ADDRESS] in the set whose number is in R3.
    private void findPrefix() {
        code.storeWord(R10, PREFIX_KEY, ALL_BITS).storeWord(R10, PREFIX_SET, R3);
        code.loadMap(R1, maps.prefixes).move(R2, R10).add(R2, PREFIX_KEY);
        code.call(Helper.MAP_LOOKUP_ELEM);
    }

    private void address4(int from, int to) {
        code.loadWord(R2, CONTEXT, from).storeWord(R10, to, R2);
        for (int word = 1; word < WORDS_OF_ADDRESS; word++) {
            code.storeWord(R10, to + word * WORD, 0);
        }
    }

    private void address6(int from, int to) {
        for (int word = 0; word < WORDS_OF_ADDRESS; word++) {
            code.loadWord(R2, CONTEXT, from + word * WORD);
            code.storeWord(R10, to + word * WORD, R2);
        }
    }
}
