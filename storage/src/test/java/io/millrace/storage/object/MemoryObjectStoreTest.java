package io.millrace.storage.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryObjectStoreTest extends ObjectStoreContract {

    private final MemoryObjectStore store =
            new MemoryObjectStore(Runnable::run, () -> Instant.EPOCH, 100);

    @Override
    protected ObjectStore store() {
        return store;
    }

    @Override
    protected String prefix() {
        return "";
    }

    @Test
    void aPartThatDiffersFromItsReceiptIsNotCompleted() {
        MultipartUpload upload = get(store.uploads().create(key("a"), 100));
        StoredPart part = get(store.uploads().uploadPart(upload, 1, body("one")));
        get(store.uploads().uploadPart(upload, 1, body("two")));
        assertThatThrownBy(() -> get(store.uploads().complete(upload, List.of(part))))
                .hasCauseInstanceOf(ObjectStoreException.Missing.class);
        assertThat(store.keys()).isEmpty();
    }
}
