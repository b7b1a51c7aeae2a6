package io.fairlead.bench;

import io.fairlead.core.DataPlane;
import io.fairlead.core.service.IpAddress;
import io.fairlead.core.service.IpFamily;
import io.fairlead.core.service.Protocol;
import io.fairlead.k8s.cluster.AddressField;
import io.fairlead.k8s.cluster.ClusterIps;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.Endpoint;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.ObjectName;
import io.fairlead.k8s.cluster.ServiceAddresses;
import io.fairlead.k8s.cluster.ServicePolicy;
import io.fairlead.k8s.cluster.ServicePortSpec;
import io.fairlead.k8s.cluster.ServiceSpec;
import io.fairlead.k8s.cluster.ServiceTraits;
import io.fairlead.k8s.cluster.ServiceType;
import io.fairlead.k8s.cluster.SlicePort;
import io.fairlead.k8s.local.LocalOptions;
import io.fairlead.k8s.local.Localiser;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// How long from a changed slice to the published table, by the number of Services that did not
/// change?
///
/// From the fact to the table, all of it: localising, building the entry, diff, table, publication.
/// No VIP comes or goes, so no socket is measured.
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ChangeBenchmark {

    private static final int ENDPOINTS = 10;

    @Param({"100", "1000", "10000"})
    private int services;

    private ClusterState state = ClusterState.EMPTY;
    private DataPlane plane;
    private Localiser localiser;
    private int turn;

    /// All Services served.
    @Setup(Level.Trial)
    public void serveAll() {
        for (int i = 0; i < services; i++) {
            state = state.with(service(i)).with(slice(i, ENDPOINTS));
        }
        plane = DataPlane.start(1);
        localiser = new Localiser(LocalOptions.forNode("n1"));
        plane.apply(localiser.localise(state).snapshot());
    }

    @TearDown(Level.Trial)
    public void stop() {
        plane.close();
    }

    /// One endpoint of one Service comes or goes, of another Service each time.
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    public Object oneSlice() {
        turn++;
        int gone = turn / services % 2 == 0 ? 1 : 0;
        state = state.with(slice(turn % services, ENDPOINTS - gone));
        return plane.apply(localiser.localise(state).snapshot());
    }

    /// The baseline of what is spared: everything from scratch.
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    public Object everything() {
        try (DataPlane fresh = DataPlane.start(1)) {
            return fresh.apply(Localiser.localise(state, LocalOptions.forNode("n1")).snapshot());
        }
    }

    private static ServiceSpec service(int number) {
        IpAddress vip = IpAddress.ofIpv4(0x0a60_0000 + number);
        return new ServiceSpec(
                name(number),
                ServiceTraits.NONE,
                ServiceType.CLUSTER_IP,
                new ServiceAddresses(
                        new ClusterIps(
                                false, new AddressField(vip, "spec.clusterIP"), List.of(), false),
                        List.of(),
                        List.of()),
                List.of(new ServicePortSpec(0, "dns", Protocol.TCP, 53, 0)),
                ServicePolicy.DEFAULT);
    }

    private static EndpointSliceSpec slice(int number, int endpoints) {
        return new EndpointSliceSpec(
                name(number),
                name(number),
                IpFamily.IPV4,
                new EndpointSliceSpec.SliceTraits(false, 1),
                List.of(new SlicePort("dns", Protocol.TCP, 5353)),
                IntStream.range(0, endpoints).mapToObj(i -> endpoint(number, i)).toList());
    }

    private static Endpoint endpoint(int service, int index) {
        return new Endpoint(
                index,
                IpAddress.ofIpv4(0x0af4_0000 + service * ENDPOINTS + index),
                null,
                Endpoint.Conditions.UNKNOWN,
                Endpoint.Hints.NONE);
    }

    private static ObjectName name(int number) {
        return new ObjectName("default", "s" + number);
    }
}
