package io.millrace.metadata.log.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.log.ArchiveKey;
import io.millrace.metadata.log.EntryId;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Keys and numbers are the same where the locale of the process has digits of its own. */
@Isolated
final class KeysInOtherLocalesTest {

    private final Locale before = Locale.getDefault();

    @BeforeEach
    void setArabicDigits() {
        Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
        assertThat("%d".formatted(5)).isEqualTo("٥");
    }

    @AfterEach
    void restore() {
        Locale.setDefault(before);
    }

    @Test
    void keysOfEntriesAreParsed() {
        EtcdKeys keys = new EtcdKeys("c");
        EntryId id = new EntryId(0, 7, 12);

        assertThat(keys.isEntry(keys.entry(3, id))).isTrue();
        assertThat(keys.parse(keys.entry(3, id))).isEqualTo(new EtcdKeys.EntryKey(3, id));
        assertThat(keys.entriesFrom(3)).isEqualTo("/millrace/c/log/0000000000000003/");
    }

    @Test
    void numbersAreParsed() {
        assertThat(EtcdKeys.number(EtcdKeys.number(500))).isEqualTo(500);
    }

    @Test
    void keysOfArchivesAreParsed() {
        ArchiveKey key = new ArchiveKey(ArchiveKey.Kind.ARCHIVE, 34, 56);

        assertThat(ArchiveKey.parse(key.key("c"), "c")).contains(key);
    }
}
