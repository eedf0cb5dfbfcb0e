package io.millrace.metadata.log.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.log.LogException;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderLockTest {

    @Test
    void aFolderThatIsInUseIsRefusedByName(@TempDir Path folder) throws IOException {
        try (FolderLock held = FolderLock.acquire(folder)) {
            assertThatThrownBy(() -> FolderLock.acquire(folder))
                    .isInstanceOf(LogException.InUse.class)
                    .hasMessageContaining(folder.toString())
                    .hasMessageContaining("another folder");
            assertThat(held).isNotNull();
        }
    }

    @Test
    void aReleasedFolderCanBeLockedAgain(@TempDir Path parent) throws IOException {
        Path folder = parent.resolve("not/there/yet");
        FolderLock.acquire(folder).close();

        try (FolderLock again = FolderLock.acquire(folder)) {
            assertThat(folder).isDirectory();
            assertThat(again).isNotNull();
        }
    }
}
