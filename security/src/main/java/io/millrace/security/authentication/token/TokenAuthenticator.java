package io.millrace.security.authentication.token;

import io.millrace.security.authentication.TokenHash;
import io.millrace.security.file.ReloadedFile;
import io.millrace.security.principal.Principal;
import java.util.Optional;

/** Recognises the static tokens of a file. Any thread. */
public final class TokenAuthenticator {

    private final ReloadedFile<TokenTable> file;

    public TokenAuthenticator(ReloadedFile<TokenTable> file) {
        this.file = file;
    }

    /** Returns the principal of a static token; empty for any other token. */
    public Optional<Principal> principal(TokenHash token) {
        return file.content().principal(token);
    }

    /** Returns a number that changes with the content of the file. */
    public long version() {
        return file.version();
    }
}
