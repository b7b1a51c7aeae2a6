package io.fairlead.bench;

import io.fairlead.core.backend.Backend;
import io.fairlead.core.backend.BackendGroup;
import io.fairlead.core.service.AddressPort;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.core.service.ServicePortName;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// What benchmarks run on: a service port and its backends.
final class Samples {

    static final ServicePortName PORT =
            new ServicePortName("default", "web", "http", Protocol.TCP, IpFamily.IPV4);

    private Samples() {}

    static AddressPort[] addresses(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new AddressPort(IpAddress.ofIpv4(0x0a00_0001 + i), 8080))
                .toArray(AddressPort[]::new);
    }

    /// Backends with 0 to 9 live flows each.
    static Backend[] backends(int count) {
        BackendGroup group = new BackendGroup(PORT);
        SplittableRandom random = new SplittableRandom(1);
        Backend[] backends =
                Arrays.stream(addresses(count)).map(group::backend).toArray(Backend[]::new);
        for (Backend backend : backends) {
            for (int flows = random.nextInt(10); flows > 0; flows--) {
                backend.acquire();
            }
        }
        return backends;
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
}
