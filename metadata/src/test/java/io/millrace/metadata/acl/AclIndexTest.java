package io.millrace.metadata.acl;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.acl.AccessDecision;
import io.millrace.protocol.acl.Acl;
import io.millrace.protocol.acl.Operation;
import io.millrace.protocol.acl.Permission;
import io.millrace.protocol.acl.ResourcePattern;
import io.millrace.protocol.acl.ResourcePattern.Match;
import io.millrace.protocol.acl.ResourceType;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AclIndexTest {

    private static final String ALICE = "User:alice";
    private static final String HOST = "10.0.0.1";

    private static final List<String> PRINCIPALS =
            List.of(ALICE, "User:alicette", "User:bob", Acl.ANY_PRINCIPAL);
    private static final List<String> HOSTS = List.of(Acl.ANY_HOST, HOST, "10.0.0.11");
    private static final List<String> NAMES =
            List.of(
                    "logs",
                    "logs-",
                    "logs-evil",
                    "logs.",
                    "log",
                    "l",
                    "*",
                    "**",
                    "é",
                    "e\u0301",
                    "😀",
                    "😁",
                    "Logs",
                    "\uffff");

    private static boolean allows(Acls acls, Operation operation, ResourceType type, String name) {
        return acls.index().allows(ALICE, HOST, operation, type, name);
    }

    private static boolean mayRead(Acls acls, String topic) {
        return allows(acls, Operation.READ, ResourceType.TOPIC, topic);
    }

    private static ResourcePattern topic(String name) {
        return ResourcePattern.literal(ResourceType.TOPIC, name);
    }

    private static ResourcePattern topics(String prefix) {
        return ResourcePattern.prefixed(ResourceType.TOPIC, prefix);
    }

    @Test
    void withoutAnAclNothingIsAllowed() {
        assertThat(mayRead(Acls.NONE, "logs")).isFalse();
        assertThat(Acls.NONE.index().allowsAny(ALICE, HOST, Operation.READ, ResourceType.TOPIC))
                .isFalse();
    }

    @Test
    void aLiteralNameDoesNotMatchLongerOrSimilarNames() {
        Acls acls = Acls.of(List.of(Acl.allow(ALICE, Operation.READ, topic("logs"))));

        assertThat(mayRead(acls, "logs")).isTrue();
        assertThat(
                        Stream.of(
                                        "logs-evil",
                                        "logs.",
                                        "log",
                                        "LOGS",
                                        " logs",
                                        "logs ",
                                        "",
                                        "logs\u0000",
                                        "lоgs",
                                        "*")
                                .filter(name -> mayRead(acls, name)))
                .isEmpty();
    }

    @Test
    void aPrefixMatchesAllNamesThatStartWithItAndNoOther() {
        Acls acls = Acls.of(List.of(Acl.allow(ALICE, Operation.READ, topics("logs-"))));

        assertThat(Stream.of("logs-", "logs-a", "logs--").allMatch(name -> mayRead(acls, name)))
                .isTrue();
        assertThat(
                        Stream.of("logs", "logs.a", "Logs-a", "xlogs-a", "logs\u2010a", "../logs-a")
                                .filter(name -> mayRead(acls, name)))
                .isEmpty();
    }

    @Test
    void composedAndDecomposedCharactersAreDifferentNames() {
        Acls acls =
                Acls.of(
                        List.of(
                                Acl.allow(ALICE, Operation.READ, topics("é")),
                                Acl.allow(ALICE, Operation.READ, topic("😀"))));

        assertThat(mayRead(acls, "té")).isFalse();
        assertThat(mayRead(acls, "ét")).isTrue();
        assertThat(mayRead(acls, "e\u0301t")).isFalse();
        assertThat(mayRead(acls, "😁")).isFalse();
    }

    @Test
    void anAsteriskIsAllNamesOnlyAsALiteralName() {
        Acls any = Acls.of(List.of(Acl.allow(ALICE, Operation.READ, topic("*"))));
        Acls prefix = Acls.of(List.of(Acl.allow(ALICE, Operation.READ, topics("*"))));

        assertThat(mayRead(any, "logs")).isTrue();
        assertThat(allows(any, Operation.READ, ResourceType.GROUP, "logs")).isFalse();
        assertThat(mayRead(prefix, "logs")).isFalse();
        assertThat(mayRead(prefix, "*logs")).isTrue();
    }

    @Test
    void aDenialWinsFromWhereverItComes() {
        Acl all = Acl.allow(ALICE, Operation.ALL, topic("*"));
        for (Acl denial :
                List.of(
                        Acl.deny(ALICE, Operation.READ, topic("logs")),
                        Acl.deny(ALICE, Operation.ALL, topics("lo")),
                        Acl.deny(Acl.ANY_PRINCIPAL, Operation.READ, topic("*")),
                        new Acl(
                                Acl.ANY_PRINCIPAL,
                                HOST,
                                Operation.ALL,
                                Permission.DENY,
                                topic("*")))) {
            Acls acls =
                    Acls.of(List.of(all, Acl.allow(ALICE, Operation.READ, topic("logs")), denial));

            assertThat(mayRead(acls, "logs")).as("%s", denial).isFalse();
            assertThat(acls.index().decide(ALICE, HOST, Operation.READ, ResourceType.TOPIC, "logs"))
                    .isEqualTo(new AccessDecision.DeniedBy(denial));
            assertThat(mayRead(acls.without(denial), "logs")).as("without %s", denial).isTrue();
        }
    }

    @Test
    void aDenialOfReadingLeavesDescribing() {
        Acls acls =
                Acls.of(
                        List.of(
                                Acl.allow(ALICE, Operation.WRITE, topic("logs")),
                                Acl.deny(ALICE, Operation.READ, topic("logs"))));

        assertThat(allows(acls, Operation.DESCRIBE, ResourceType.TOPIC, "logs")).isTrue();
    }

    @Test
    void aHostOfAnAclIsComparedAsAWhole() {
        Acls acls =
                Acls.of(
                        List.of(
                                new Acl(
                                        ALICE,
                                        HOST,
                                        Operation.READ,
                                        Permission.ALLOW,
                                        topic("logs"))));

        assertThat(mayRead(acls, "logs")).isTrue();
        for (String host : List.of("10.0.0.11", "10.0.0", "", "*")) {
            assertThat(acls.index().allows(ALICE, host, Operation.READ, ResourceType.TOPIC, "logs"))
                    .as(host)
                    .isFalse();
        }
    }

    @Test
    void theNamedAclIsTheOneOfTheOperationIfThereIsOne() {
        Acls acls = Acls.of(List.of(Acl.allow(ALICE, Operation.READ, topic("logs"))));
        Acl describe = Acl.allow(ALICE, Operation.DESCRIBE, topic("logs"));

        assertThat(decide(acls)).isEqualTo(new AccessDecision.AllowedBy(acls.all().getFirst()));
        assertThat(decide(acls.with(describe))).isEqualTo(new AccessDecision.AllowedBy(describe));
    }

    private static AccessDecision decide(Acls acls) {
        return acls.index().decide(ALICE, HOST, Operation.DESCRIBE, ResourceType.TOPIC, "logs");
    }

    @Test
    void decisionsAreThoseOfAScanOfAllAcls() {
        for (long seed = 0; seed < 40; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Acls acls = Acls.NONE;
            Set<Acl> model = new TreeSet<>();
            int density = 1 + random.nextInt(60);
            for (int i = 0; i < 150; i++) {
                Acl acl = acl(random);
                if (model.size() < density) {
                    acls = acls.with(acl);
                    model.add(acl);
                } else {
                    Acl old = List.copyOf(model).get(random.nextInt(model.size()));
                    acls = acls.without(old).without(acl);
                    model.remove(old);
                    model.remove(acl);
                }
                assertThat(acls.all()).isEqualTo(List.copyOf(model));
                assertThat(acls.textChars())
                        .isEqualTo(model.stream().mapToLong(Acls::charsOf).sum());
                assertDecisions(seed, random, acls, model);
            }
        }
    }

    private static void assertDecisions(
            long seed, SplittableRandom random, Acls acls, Set<Acl> model) {
        for (int i = 0; i < 4; i++) {
            String principal = pick(random, PRINCIPALS);
            String host = pick(random, List.of(HOST, "10.0.0.11", "10.0.0.2", ""));
            Operation operation = pick(random, List.of(Operation.values()));
            ResourceType type = pick(random, List.of(ResourceType.values()));
            String name = pick(random, NAMES) + (random.nextBoolean() ? "" : pick(random, NAMES));
            String what =
                    "seed %d, %s".formatted(seed, List.of(principal, host, operation, type, name));
            boolean expected = scan(model, principal, host, operation, type, name);

            assertThat(acls.index().allows(principal, host, operation, type, name))
                    .as(what)
                    .isEqualTo(expected);
            switch (acls.index().decide(principal, host, operation, type, name)) {
                case AccessDecision.AllowedBy(Acl acl) -> {
                    assertThat(expected).as(what).isTrue();
                    assertThat(model).as(what).contains(acl);
                    assertThat(matches(acl, principal, host, operation, type, name))
                            .as(what)
                            .isTrue();
                }
                case AccessDecision.DeniedBy(Acl acl) -> {
                    assertThat(acl.permission()).as(what).isEqualTo(Permission.DENY);
                    assertThat(model).as(what).contains(acl);
                    assertThat(matches(acl, principal, host, operation, type, name))
                            .as(what)
                            .isTrue();
                }
                case AccessDecision.NotAllowed _ -> assertThat(expected).as(what).isFalse();
                case AccessDecision other -> throw new AssertionError(what + other);
            }
            // A name that no pattern has, and one for each pattern.
            boolean any =
                    Stream.concat(
                                    Stream.of("zzz"),
                                    model.stream()
                                            .map(acl -> acl.resource().name())
                                            .flatMap(each -> Stream.of(each, each + "zzz")))
                            .anyMatch(each -> scan(model, principal, host, operation, type, each));
            assertThat(acls.index().allowsAny(principal, host, operation, type))
                    .as(what)
                    .isEqualTo(any);
        }
    }

    private static Acl acl(SplittableRandom random) {
        return new Acl(
                pick(random, PRINCIPALS),
                pick(random, HOSTS),
                pick(random, List.of(Operation.values())),
                random.nextInt(4) == 0 ? Permission.DENY : Permission.ALLOW,
                new ResourcePattern(
                        pick(random, List.of(ResourceType.values())),
                        pick(random, List.of(Match.values())),
                        pick(random, NAMES)));
    }

    private static <T> T pick(SplittableRandom random, List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    /** The rule of the documentation, without an index. */
    private static boolean scan(
            Set<Acl> acls,
            String principal,
            String host,
            Operation operation,
            ResourceType type,
            String name) {
        List<Permission> found =
                acls.stream()
                        .filter(acl -> matches(acl, principal, host, operation, type, name))
                        .map(Acl::permission)
                        .toList();
        return !found.contains(Permission.DENY) && found.contains(Permission.ALLOW);
    }

    private static boolean matches(
            Acl acl,
            String principal,
            String host,
            Operation operation,
            ResourceType type,
            String name) {
        return List.of(principal, Acl.ANY_PRINCIPAL).contains(acl.principal())
                && List.of(host, Acl.ANY_HOST).contains(acl.host())
                && acl.resource().type() == type
                && (acl.resource().match() == Match.PREFIXED
                        ? name.startsWith(acl.resource().name())
                        : List.of(name, "*").contains(acl.resource().name()))
                && (acl.operation() == operation
                        || acl.operation() == Operation.ALL
                        || (acl.permission() == Permission.ALLOW
                                && implied(acl.operation()) == operation));
    }

    private static Operation implied(Operation allowed) {
        return switch (allowed) {
            case READ, WRITE, DELETE, ALTER -> Operation.DESCRIBE;
            case ALTER_CONFIGS -> Operation.DESCRIBE_CONFIGS;
            default -> allowed;
        };
    }
}
