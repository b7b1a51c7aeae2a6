package io.fairlead.core.balance;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Backends at 10.0.0.1:8080 and up, and weights for them.
final class Fixtures {

    static final ServicePortName WEB =
            new ServicePortName("default", "web", "http", Protocol.TCP, IpFamily.IPV4);

    private static final int FIRST_ADDRESS = 0x0a00_0001;

    private Fixtures() {}

    static AddressPort at(int index) {
        return new AddressPort(IpAddress.ofIpv4(FIRST_ADDRESS + index), 8080);
    }

    static AddressPort[] addresses(int count) {
        return IntStream.range(0, count).mapToObj(Fixtures::at).toArray(AddressPort[]::new);
    }

    static Backend[] backends(int count) {
        BackendGroup group = new BackendGroup(WEB);
        return IntStream.range(0, count)
                .mapToObj(i -> group.backend(at(i)))
                .toArray(Backend[]::new);
    }

    static int[] equalWeights(int count) {
        int[] weights = new int[count];
        Arrays.fill(weights, 1);
        return weights;
    }

    /// Weights 1, 2, 3, 4, 1, 2, 3, 4, ...
    static int[] mixedWeights(int count) {
        return IntStream.range(0, count).map(i -> 1 + i % 4).toArray();
    }

    static void acquire(Backend backend, int flows) {
        for (int i = 0; i < flows; i++) {
            backend.acquire();
        }
    }
}
