package io.fairlead.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import io.fairlead.lab.Host;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The root file system of the image that the build left, and what a container runtime would run
/// there: read-only, with its own mounts and no more capabilities than it is given.
///
/// @param folder of the unpacked image
/// @param config what the image says of itself
record ImageRoot(Path folder, JsonNode config) {

    private static final JsonMapper JSON = new JsonMapper();

    /// Makes the mounts of a container below $1 and runs the rest there. setpriv, which takes the
    /// capabilities away, is none of the image's: it comes along in a file system of its own, and
    /// is gone with its own exec but for these files. Root has what the bounding set leaves.
    private static final String CONTAINER =
            """
            root=$1 run=$2 etc=$3 account=$4 capabilities=$5
            shift 5
            mount --bind "$root" "$root"
            mount -t proc proc "$root/proc"
            mount --bind "$root/proc/sys" "$root/proc/sys"
            mount -o remount,bind,ro "$root/proc/sys"
            mount -t sysfs -o ro sysfs "$root/sys"
            mount -t tmpfs tmpfs "$root/dev"
            for device in null zero random urandom; do
              touch "$root/dev/$device"
              mount --bind "/dev/$device" "$root/dev/$device"
            done
            mount --bind "$run" "$root/run/fairlead"
            mount --bind "$etc" "$root/etc/fairlead"
            mount -o remount,bind,ro "$root/etc/fairlead"
            mount --bind "$account" "$root/var/run/secrets/kubernetes.io/serviceaccount"
            mount -t tmpfs tmpfs "$root/tmp"
            setpriv=$(command -v setpriv)
            cp "$setpriv" "$root/tmp/setpriv"
            for library in $(ldd "$setpriv" | sed -n 's,^[^/]*\\(/[^ ]*\\) (.*,\\1,p'); do
              cp -L "$library" "$root/tmp/"
            done
            loader=$(basename "$root"/tmp/ld-*)
            mount -o remount,ro "$root/tmp"
            mount -o remount,bind,ro "$root"
            exec chroot "$root" "/tmp/$loader" --library-path /tmp /tmp/setpriv \\
              --bounding-set "-all$capabilities" --inh-caps "-all" --no-new-privs -- "$@"
            """;

    /// Unpacks what `mvn package` made.
    static ImageRoot unpack(Path folder) throws Exception {
        List<Path> images;
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            images = files.filter(f -> f.toString().endsWith("-image.tar")).toList();
        }
        assertThat(images).as("images of the build; see what it says of ip and nft").hasSize(1);
        Path blobs = Files.createDirectories(folder.resolve("image"));
        tar("-xf", images.getFirst(), blobs);
        JsonNode manifest = blob(blobs, read(blobs.resolve("index.json")).at("/manifests/0"));
        Path root = Files.createDirectories(folder.resolve("root"));
        for (JsonNode layer : manifest.get("layers")) {
            tar("-xzf", path(blobs, layer), root);
        }
        return new ImageRoot(root, blob(blobs, manifest.get("config")).get("config"));
    }

    private static Path path(Path blobs, JsonNode descriptor) {
        return blobs.resolve("blobs", descriptor.get("digest").asString().replace(':', '/'));
    }

    private static JsonNode blob(Path blobs, JsonNode descriptor) throws IOException {
        return read(path(blobs, descriptor));
    }

    private static JsonNode read(Path file) throws IOException {
        return JSON.readTree(Files.readString(file));
    }

    private static void tar(String how, Path archive, Path to) throws Exception {
        Process tar =
                new ProcessBuilder(
                                "tar",
                                "--warning=no-unknown-keyword",
                                how,
                                archive.toString(),
                                "-C",
                                to.toString())
                        .inheritIO()
                        .start();
        assertThat(tar.waitFor()).as("tar %s %s", how, archive).isZero();
    }

    /// Runs its program on a host of the lab, as a container would.
    ///
    /// @param mounts what is at `/run/fairlead`, `/etc/fairlead` and at the service account's place
    /// @param capabilities as a manifest names them; all that it has
    /// @param environment besides what the image says
    AgentProcess run(
            Host host,
            List<Path> mounts,
            List<String> capabilities,
            Map<String, String> environment,
            List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of("env", "-i"));
        config.get("Env").forEach(e -> command.add(e.asString()));
        environment.forEach((name, value) -> command.add(name + "=" + value));
        // The image has no shell for the mounts, and its PATH is of the image.
        command.addAll(List.of("/usr/bin/unshare", "--mount", "/bin/sh", "-e", "-c", CONTAINER));
        command.add("sh");
        command.add(folder.toString());
        mounts.forEach(m -> command.add(m.toString()));
        command.add(
                capabilities.stream()
                        .map(c -> ",+" + c.toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining()));
        config.get("Entrypoint").forEach(e -> command.add(e.asString()));
        command.addAll(arguments);
        return AgentProcess.startProgram(host.netns().inside(command));
    }
}
