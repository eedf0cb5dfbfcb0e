package io.millrace.security.authorization;

import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.ResourceType;
import io.millrace.security.principal.Caller;
import java.util.HashMap;
import java.util.Map;

/**
 * The decisions about one operation of one caller, remembered until the ACLs change. A change takes
 * effect with the next question. Remembers at most {@link #MAX_NAMES} decisions and starts over
 * beyond. One owner.
 */
public final class RememberedDecisions {

    static final int MAX_NAMES = 1_000;

    private final Authorizer authorizer;
    private final Caller caller;
    private final Operation operation;
    private final ResourceType type;
    private final Map<String, Boolean> byName = new HashMap<>();
    private Object version;
    private String lastAllowed = "";

    public RememberedDecisions(
            Authorizer authorizer, Caller caller, Operation operation, ResourceType type) {
        this.authorizer = authorizer;
        this.caller = caller;
        this.operation = operation;
        this.type = type;
        this.version = authorizer.version();
    }

    /** Returns whether the caller may execute the operation on the resource now. */
    public boolean allows(String name) {
        if (authorizer == Authorizer.OPEN) {
            return true;
        }
        // Read before the decision, so that a change meanwhile leads to a new decision.
        Object now = authorizer.version();
        if (now != version) {
            byName.clear();
            lastAllowed = "";
            version = now;
        }
        return name.equals(lastAllowed) && !name.isEmpty() || decide(name);
    }

    private boolean decide(String name) {
        Boolean known = byName.get(name);
        if (known == null) {
            if (byName.size() == MAX_NAMES) {
                byName.clear();
            }
            known = authorizer.allows(caller, operation, type, name);
            byName.put(name, known);
        }
        if (known) {
            lastAllowed = name;
        }
        return known;
    }
}
