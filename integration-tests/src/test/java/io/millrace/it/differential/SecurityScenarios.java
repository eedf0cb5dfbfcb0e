package io.millrace.it.differential;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.AlterClientQuotasRequestData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.EntityData;
import org.apache.kafka.common.message.AlterClientQuotasRequestData.OpData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialDeletion;
import org.apache.kafka.common.message.AlterUserScramCredentialsRequestData.ScramCredentialUpsertion;
import org.apache.kafka.common.message.CreateAclsRequestData;
import org.apache.kafka.common.message.DeleteAclsRequestData;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData;
import org.apache.kafka.common.message.DescribeClientQuotasRequestData.ComponentData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData;
import org.apache.kafka.common.message.DescribeUserScramCredentialsRequestData.UserName;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;

/** Requests that administrate quotas, users with passwords, and ACLs. */
final class SecurityScenarios {

    private static final String IN = "producer_byte_rate";
    private static final String OUT = "consumer_byte_rate";

    private SecurityScenarios() {}

    static void quotas(Side side) {
        alter(side, "set", false, user("ann"), set(IN, 1000), set(OUT, 2000));
        alter(side, "set default", false, user(null), set(IN, 5000));
        alter(side, "validate", true, user("bob"), set(IN, 1));
        side.settle();
        describe(side, "ann", true, match("user", 0, "ann"));
        describe(side, "bob", true, match("user", 0, "bob"));
        describe(side, "default", true, match("user", 1, null));
        describe(side, "all users", false, match("user", 2, null));
        describe(side, "nothing, strict", true);
        describe(side, "clients", false, match("client-id", 2, null));
        describe(
                side,
                "users and clients",
                false,
                match("user", 2, null),
                match("client-id", 2, null));
        describe(side, "addresses", false, match("ip", 2, null));
        describe(side, "addresses and users", false, match("ip", 2, null), match("user", 2, null));
        describe(
                side,
                "addresses and clients",
                true,
                match("ip", 0, "1.2.3.4"),
                match("client-id", 1, null));
        describe(side, "unknown type", false, match("group", 2, null));
        describe(side, "empty type", false, match("", 2, null));
        describe(side, "type twice", false, match("user", 2, null), match("user", 0, "ann"));
        describe(side, "match 3", false, match("user", 3, null));
        describe(side, "match -1", false, match("user", -1, null));
        describe(side, "exact without a name", false, match("user", 0, null));
        describe(side, "default with a name", false, match("user", 1, "ann"));
        describe(side, "any with a name", false, match("user", 2, "ann"));
        alter(side, "remove", false, user("ann"), remove(IN));
        alter(side, "remove missing", false, user("nobody"), remove(IN));
        alter(side, "remove unknown", false, user("ann"), remove("no.such"));
        alter(side, "unknown key", false, user("ann"), set("no.such", 1));
        alter(side, "empty key", false, user("ann"), set("", 1));
        alter(side, "zero", false, user("ann"), set(IN, 0));
        alter(side, "negative", false, user("ann"), set(IN, -1));
        alter(side, "fraction", false, user("ann"), set(IN, 0.5));
        alter(side, "no number", false, user("ann"), set(IN, Double.NaN));
        alter(side, "infinite", false, user("ann"), set(IN, Double.POSITIVE_INFINITY));
        alter(side, "huge", false, user("ann"), set(IN, 1e30));
        alter(side, "key twice", false, user("ann"), set(IN, 1), set(IN, 2));
        alter(side, "no key", false, user("ann"));
        alter(side, "no entity", false, List.of(), set(IN, 1));
        alter(side, "unknown type", false, List.of(entity("group", "g")), set(IN, 1));
        alter(side, "empty type", false, List.of(entity("", "g")), set(IN, 1));
        alter(side, "empty name", false, user(""), set(IN, 1));
        alter(
                side,
                "type twice",
                false,
                List.of(entity("user", "a"), entity("user", "b")),
                set(IN, 1));
        alter(side, "client", true, List.of(entity("client-id", "c")), set(IN, 1));
        alter(
                side,
                "address",
                true,
                List.of(entity("ip", "127.0.0.1")),
                set("connection_creation_rate", 1));
        alter(side, "share of requests", true, user("ann"), set("request_percentage", 50));
        side.settle();
        describe(side, "ann at the end", true, match("user", 0, "ann"));
    }

    private static List<EntityData> user(@Nullable String name) {
        return List.of(entity("user", name));
    }

    private static EntityData entity(String type, @Nullable String name) {
        return new EntityData().setEntityType(type).setEntityName(name);
    }

    private static OpData set(String key, double value) {
        return new OpData().setKey(key).setValue(value);
    }

    private static OpData remove(String key) {
        return new OpData().setKey(key).setRemove(true);
    }

    private static void alter(
            Side side, String label, boolean validateOnly, List<EntityData> entity, OpData... ops) {
        side.each(
                "alter " + label,
                ApiKeys.ALTER_CLIENT_QUOTAS,
                v ->
                        new AlterClientQuotasRequestData()
                                .setValidateOnly(validateOnly)
                                .setEntries(
                                        List.of(
                                                new AlterClientQuotasRequestData.EntryData()
                                                        .setEntity(entity)
                                                        .setOps(List.of(ops)))));
    }

    private static ComponentData match(String type, int match, @Nullable String name) {
        return new ComponentData().setEntityType(type).setMatchType((byte) match).setMatch(name);
    }

    private static void describe(
            Side side, String label, boolean strict, ComponentData... components) {
        side.each(
                "describe " + label,
                ApiKeys.DESCRIBE_CLIENT_QUOTAS,
                v ->
                        new DescribeClientQuotasRequestData()
                                .setStrict(strict)
                                .setComponents(List.of(components)));
    }

    static void users(Side side) {
        users(side, "all before", null);
        change(side, "set", List.of(), set("ann", 1, 4096), set("bob", 2, 8192));
        side.settle();
        users(side, "all", null);
        users(side, "none", List.of());
        users(side, "ann and a missing one", List.of("ann", "missing"));
        users(side, "twice", List.of("ann", "ann"));
        users(side, "empty", List.of(""));
        change(side, "few iterations", List.of(), set("ann", 1, 4095));
        change(side, "many iterations", List.of(), set("ann", 1, 16385));
        change(side, "negative iterations", List.of(), set("ann", 1, -1));
        change(side, "unknown mechanism", List.of(), set("ann", 3, 4096));
        change(side, "mechanism 0", List.of(), set("ann", 0, 4096));
        change(side, "empty name", List.of(), set("", 1, 4096));
        change(side, "empty salt", List.of(), set("ann", 1, 4096).setSalt(new byte[0]));
        change(
                side,
                "empty password",
                List.of(),
                set("ann", 1, 4096).setSaltedPassword(new byte[0]));
        change(side, "twice", List.of(), set("ann", 1, 4096), set("ann", 1, 5000));
        change(side, "two mechanisms", List.of(), set("ann", 1, 4096), set("ann", 2, 5000));
        change(side, "set and delete", List.of(deletion("ann", 1)), set("ann", 1, 4096));
        change(side, "one legal, one not", List.of(), set("eve", 1, 4096), set("fay", 1, 1));
        change(side, "delete missing", List.of(deletion("missing", 1)));
        change(side, "delete of another mechanism", List.of(deletion("bob", 1)));
        change(side, "delete of mechanism 3", List.of(deletion("bob", 3)));
        change(side, "delete empty name", List.of(deletion("", 1)));
        change(side, "delete twice", List.of(deletion("bob", 2), deletion("bob", 2)));
        change(side, "nothing", List.of());
        change(side, "delete", List.of(deletion("bob", 2)));
        side.settle();
        users(side, "at the end", null);
    }

    private static ScramCredentialUpsertion set(String name, int mechanism, int iterations) {
        return new ScramCredentialUpsertion()
                .setName(name)
                .setMechanism((byte) mechanism)
                .setIterations(iterations)
                .setSalt("salt of sixteen!".getBytes(UTF_8))
                .setSaltedPassword(new byte[mechanism == 2 ? 64 : 32]);
    }

    private static ScramCredentialDeletion deletion(String name, int mechanism) {
        return new ScramCredentialDeletion().setName(name).setMechanism((byte) mechanism);
    }

    private static void change(
            Side side,
            String label,
            List<ScramCredentialDeletion> deletions,
            ScramCredentialUpsertion... upsertions) {
        side.call(
                "user " + label,
                ApiKeys.ALTER_USER_SCRAM_CREDENTIALS,
                0,
                new AlterUserScramCredentialsRequestData()
                        .setDeletions(deletions)
                        .setUpsertions(Arrays.asList(upsertions)));
    }

    private static void users(Side side, String label, @Nullable List<String> names) {
        side.call(
                "users " + label,
                ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS,
                0,
                new DescribeUserScramCredentialsRequestData()
                        .setUsers(
                                names == null
                                        ? null
                                        : names.stream()
                                                .map(name -> new UserName().setName(name))
                                                .toList()));
    }

    static void acls(Side side) {
        side.each(
                "all",
                ApiKeys.DESCRIBE_ACLS,
                v ->
                        new DescribeAclsRequestData()
                                .setResourceTypeFilter((byte) 1)
                                .setResourceNameFilter(null)
                                .setPatternTypeFilter((byte) 1)
                                .setPrincipalFilter(null)
                                .setHostFilter(null)
                                .setOperation((byte) 1)
                                .setPermissionType((byte) 1));
        side.each(
                "one",
                ApiKeys.CREATE_ACLS,
                v ->
                        new CreateAclsRequestData()
                                .setCreations(
                                        List.of(
                                                new CreateAclsRequestData.AclCreation()
                                                        .setResourceType((byte) 2)
                                                        .setResourceName("t")
                                                        .setResourcePatternType((byte) 3)
                                                        .setPrincipal("User:ann")
                                                        .setHost("*")
                                                        .setOperation((byte) 3)
                                                        .setPermissionType((byte) 3))));
        side.each(
                "those of a topic",
                ApiKeys.DELETE_ACLS,
                v ->
                        new DeleteAclsRequestData()
                                .setFilters(
                                        List.of(
                                                new DeleteAclsRequestData.DeleteAclsFilter()
                                                        .setResourceTypeFilter((byte) 2)
                                                        .setResourceNameFilter("t")
                                                        .setPatternTypeFilter((byte) 3)
                                                        .setPrincipalFilter(null)
                                                        .setHostFilter(null)
                                                        .setOperation((byte) 1)
                                                        .setPermissionType((byte) 1))));
    }
}
