package io.millrace.storage.object.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.disk.SystemDisk;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalObjectStoreTest extends ObjectStoreContract {

    private final ExecutorService executor = Executors.newFixedThreadPool(4);

    @TempDir Path root = Path.of("set by JUnit");

    private ObjectStore store = new io.millrace.storage.object.MemoryObjectStore();

    @BeforeEach
    void open() throws IOException {
        store = LocalObjectStore.open(new SystemDisk(), root, executor);
    }

    @AfterEach
    void close() {
        store.close();
        executor.shutdownNow();
    }

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected String prefix() {
        return "";
    }

    @Test
    void objectsOutliveTheStore() throws IOException {
        get(store.put(new ObjectKey("a/b"), ObjectBody.of(new byte[3])));
        open();
        assertThat(get(store.list("", Optional.empty(), 10)).objects())
                .singleElement()
                .matches(object -> object.sizeBytes() == 3);
    }

    @Test
    void leftoversOfUnfinishedPutsAreSwept() throws IOException {
        Path leftover = Files.writeString(root.resolve("staging/17"), "half");
        open();
        assertThat(leftover).doesNotExist();
    }

    @Test
    void aThousandObjectsDoNotNeedAThousandFolders() throws IOException {
        for (int i = 0; i < 1000; i++) {
            get(store.put(new ObjectKey(i % 4 + "/c/wal/1/" + i), ObjectBody.of(new byte[1])));
        }
        try (Stream<Path> paths = Files.walk(root)) {
            List<Path> folders = paths.filter(Files::isDirectory).toList();
            assertThat(folders).hasSize(4 + 3);
        }
    }
}
