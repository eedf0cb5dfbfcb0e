package io.millrace.cli.admin;

import io.millrace.cli.terminal.CommandResult;
import io.millrace.protocol.acl.Acl;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** ACLs as a table, and as JSON. */
final class AclRows {

    private AclRows() {}

    /** An ACL. */
    record Row(
            String principal,
            String host,
            String permission,
            String operation,
            String resourceType,
            String match,
            String name) {

        static Row of(Acl acl) {
            return new Row(
                    acl.principal(),
                    acl.host(),
                    text(acl.permission()),
                    text(acl.operation()),
                    text(acl.resource().type()),
                    text(acl.resource().match()),
                    acl.resource().name());
        }

        String line() {
            return String.join(
                    "\t", principal, host, permission, operation, resourceType, match, name);
        }
    }

    /** Returns the name of an enum value in options and results, such as {@code alter-configs}. */
    static String text(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * @param heading the line before the table; empty for none
     */
    static CommandResult of(String heading, Collection<Acl> acls) {
        List<Row> rows = acls.stream().map(Row::of).toList();
        List<String> lines = new ArrayList<>();
        if (!heading.isEmpty()) {
            lines.add(heading);
        }
        if (!rows.isEmpty()) {
            lines.add("principal\thost\tpermission\toperation\tresource\tmatch\tname");
            rows.forEach(row -> lines.add(row.line()));
        }
        return CommandResult.of(new Json(rows), lines);
    }

    /** The result in JSON. */
    private record Json(List<Row> acls) {}
}
