package io.fairlead.core.testing;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// All descriptors that this process may still have, taken so that there are none; given back when
/// closed.
public final class Descriptors implements AutoCloseable {

    private static final int MORE_THAN_THERE_ARE = 1_000_000;

    private final List<FileInputStream> files = new ArrayList<>();

    private Descriptors() {}

    /// Takes them.
    public static Descriptors takeAll() {
        Descriptors taken = new Descriptors();
        try {
            while (taken.files.size() < MORE_THAN_THERE_ARE) {
                taken.files.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException _) {
            // Now there are none left.
        }
        return taken;
    }

    /// Whether there were any.
    public boolean isAny() {
        return !files.isEmpty();
    }

    @Override
    public void close() throws IOException {
        for (FileInputStream file : files) {
            file.close();
        }
    }
}
