package io.fairlead.k8s.watch;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import io.fairlead.core.service.Cidr;
import io.fairlead.core.service.IpAddress;
import io.fairlead.k8s.cluster.ClusterObject;
import io.fairlead.k8s.cluster.ClusterState;
import io.fairlead.k8s.cluster.EndpointSliceSpec;
import io.fairlead.k8s.cluster.NodeTopology;
import io.fairlead.k8s.cluster.Problem;
import io.fairlead.k8s.cluster.ServiceCidr;
import io.fairlead.k8s.cluster.ServiceSpec;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.cfg.DateTimeFeature;
import tools.jackson.databind.deser.std.FromStringDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.ToStringSerializer;

/// A file with the last state of the cluster, so that a node can be served while the API server is
/// away.
///
/// JSON of the facts. It holds no secret: addresses, names and ports. A file takes the place of the
/// one before in one step, once it is on disk.
final class Checkpoint {

    /// Of what is written: another one is not read.
    private static final int VERSION = 1;

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);

    /// The whole file.
    ///
    /// @param serviceProxyName of the scope; null without
    record Content(
            int version,
            String nodeName,
            @Nullable String serviceProxyName,
            Instant written,
            List<ServiceSpec> services,
            List<EndpointSliceSpec> slices,
            List<NodeTopology> nodes,
            List<ServiceCidr> cidrs) {

        ClusterState state() {
            List<ClusterObject> all = new ArrayList<>(services);
            all.addAll(slices);
            all.addAll(nodes);
            all.addAll(cidrs);
            ClusterState state = ClusterState.EMPTY;
            for (ClusterObject object : all) {
                state = state.with(object);
            }
            return state;
        }
    }

    /// Who wrote it, which can be read whatever the rest looks like.
    private record Head(int version, String nodeName, @Nullable String serviceProxyName) {}

    private static final JsonMapper STRICT =
            JsonMapper.builder()
                    .addModule(addresses())
                    .changeDefaultVisibility(v ->
                            // What a record is made of, and not what it says about itself.
                            v.withFieldVisibility(Visibility.ANY)
                                    .withGetterVisibility(Visibility.NONE)
                                    .withIsGetterVisibility(Visibility.NONE))
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .disable(DateTimeFeature.WRITE_DATES_AS_TIMESTAMPS)
                    .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                    .build();

    private static final JsonMapper LENIENT =
            STRICT.rebuild().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path file;

    /// Of this process alone: another agent may be about to take over, and write as well.
    private final String suffix = Long.toHexString(ThreadLocalRandom.current().nextLong());

    private final ApiScope scope;

    Checkpoint(Path file, ApiScope scope) {
        this.file = file;
        this.scope = scope;
    }

    /// What the file says; null when there is none, or none that is of use, which is then logged.
    @Nullable Content read() {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readAllBytes();
            Head head = LENIENT.readValue(bytes, Head.class);
            if (head.version() != VERSION) {
                return ignored("it is of version " + head.version() + ", not " + VERSION);
            }
            if (!new ApiScope(head.nodeName(), head.serviceProxyName()).equals(scope)) {
                return ignored("it is of " + of(head) + ", not of " + of(scope));
            }
            Content content = STRICT.readValue(bytes, Content.class);
            var _ = content.state();
            return content;
        } catch (NoSuchFileException _) {
            return null;
        } catch (IOException e) {
            return ignored("it cannot be read: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.debug("broken", e);
            return ignored("it is broken");
        }
    }

    private @Nullable Content ignored(String why) {
        LOG.warn("the checkpoint {} is not used: {}; it is replaced by the next", file, why);
        return null;
    }

    private static String of(Head head) {
        return of(new ApiScope(head.nodeName(), head.serviceProxyName()));
    }

    private static String of(ApiScope scope) {
        return "node "
                + Problem.quote(scope.nodeName())
                + (scope.serviceProxyName() == null
                        ? ""
                        : " with service-proxy-name " + Problem.quote(scope.serviceProxyName()));
    }

    /// Replaces the file; on return it is on disk.
    void write(ClusterState state, Instant now) throws IOException {
        Content content =
                new Content(
                        VERSION,
                        scope.nodeName(),
                        scope.serviceProxyName(),
                        now,
                        state.services().values().toList(),
                        state.slices().values().toList(),
                        state.nodes().values().toList(),
                        state.cidrs().values().toList());
        Path next = file.resolveSibling(file.getFileName() + ".next." + suffix);
        try (FileChannel channel =
                        FileChannel.open(
                                next,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING);
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel))) {
            STRICT.writeValue(out, content);
            out.flush();
            channel.force(true);
        } catch (JacksonException | IOException e) {
            Files.deleteIfExists(next);
            throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
            folder.force(true);
        }
    }

    @Override
    public String toString() {
        return file.toString();
    }

    /// Addresses and ranges as people write them.
    private static SimpleModule addresses() {
        return new SimpleModule()
                .addSerializer(IpAddress.class, ToStringSerializer.instance)
                .addDeserializer(IpAddress.class, new Words<>(IpAddress.class, IpAddress::parse))
                .addSerializer(Cidr.class, ToStringSerializer.instance)
                .addDeserializer(Cidr.class, new Words<>(Cidr.class, Cidr::parse));
    }

    private static final class Words<T> extends FromStringDeserializer<T> {
        private final Function<String, T> parser;

        Words(Class<T> type, Function<String, T> parser) {
            super(type);
            this.parser = parser;
        }

        @Override
        protected T _deserialize(String value, DeserializationContext context) {
            return parser.apply(value);
        }
    }
}
