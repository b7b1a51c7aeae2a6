package io.fairlead.core.handover;

import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.ServicePortName;
import io.fairlead.core.table.Frontend;
import java.util.List;

/// A flow of datagrams that one agent gives to the next, with the socket to its backend.
///
/// @param frontend where its client arrives
/// @param listener which of the sockets there, from 0 on
/// @param group whose backend it is
/// @param asClient whether its socket has the client's address
/// @param reuses flows that had its socket before
/// @param replied whether its backend was heard
/// @param counted whether answers are only counted
/// @param outstanding questions less answers
/// @param exact whether none of the questions that wait was lost sight of
/// @param questions those that wait, by their keys, oldest first
/// @param openNs for how long it has been there
/// @param quietNs since it was heard of last
/// @param descriptor of the socket to its backend, in the process that holds the record
public record HandedFlow(
        Frontend frontend,
        int listener,
        IpAddress client,
        int clientPort,
        ServicePortName group,
        AddressPort backend,
        boolean asClient,
        int reuses,
        boolean replied,
        boolean counted,
        int outstanding,
        boolean exact,
        List<Long> questions,
        long openNs,
        long quietNs,
        int descriptor) {

    public HandedFlow {
        questions = List.copyOf(questions);
    }
}
