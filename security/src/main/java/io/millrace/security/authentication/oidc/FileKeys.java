package io.millrace.security.authentication.oidc;

import io.millrace.security.file.ReloadedFile;
import java.util.Optional;

/** The keys of an issuer in a file, which is read again when it changes. */
final class FileKeys implements IssuerKeys {

    private final ReloadedFile<KeySet> file;

    FileKeys(ReloadedFile<KeySet> file) {
        this.file = file;
    }

    @Override
    public Optional<KeySet> current() {
        return Optional.of(file.content());
    }

    @Override
    public long version() {
        return file.version();
    }

    @Override
    public boolean mayAppear(String keyId) {
        return false;
    }

    @Override
    public void close() {
        file.close();
    }
}
