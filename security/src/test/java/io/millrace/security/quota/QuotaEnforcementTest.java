package io.millrace.security.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.quota.Quotas;
import io.millrace.protocol.quota.Quota;
import io.millrace.protocol.quota.QuotaKey;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.security.principal.Principal;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class QuotaEnforcementTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final Principal ALICE = Principal.user("alice");
    private static final Principal BOB = Principal.user("bob");

    private Quotas quotas = Quotas.NONE;
    private long now;
    private final QuotaEnforcement enforcement = new QuotaEnforcement(() -> quotas, () -> now);

    private void set(String principal, QuotaKind kind, long perSecond) {
        quotas = quotas.with(new Quota(new QuotaKey(principal, kind), perSecond));
    }

    private long delay(Principal principal) {
        return enforcement.delayNanos(principal, QuotaKind.BYTES_IN);
    }

    private void receive(Principal principal, long bytes) {
        enforcement.charge(principal, QuotaKind.BYTES_IN, bytes);
    }

    @Test
    void onlyThePrincipalAboveItsQuotaIsDelayed() {
        set(ALICE.text(), QuotaKind.BYTES_IN, 1000);
        receive(ALICE, 3000);
        receive(BOB, 3_000_000);
        assertThat(delay(ALICE)).isEqualTo(2 * SECOND);
        assertThat(delay(BOB)).isZero();
        assertThat(enforcement.delayNanos(ALICE, QuotaKind.BYTES_OUT)).isZero();
    }

    @Test
    void eachPrincipalHasTheDefaultQuotaForItself() {
        set(QuotaKey.DEFAULT, QuotaKind.BYTES_IN, 1000);
        set(BOB.text(), QuotaKind.BYTES_IN, 2000);
        receive(ALICE, 2000);
        receive(BOB, 2000);
        receive(Principal.ANONYMOUS, 500);
        assertThat(delay(ALICE)).isEqualTo(SECOND);
        assertThat(delay(BOB)).isZero();
        assertThat(delay(Principal.ANONYMOUS)).isZero();
    }

    @Test
    void aChangedQuotaTakesEffectAtOnceAndAnUnchangedOneKeepsItsDebt() {
        set(ALICE.text(), QuotaKind.BYTES_IN, 1000);
        receive(ALICE, 3000);
        set(ALICE.text(), QuotaKind.REQUESTS, 5);
        assertThat(delay(ALICE)).isEqualTo(2 * SECOND);
        set(ALICE.text(), QuotaKind.BYTES_IN, 10_000);
        assertThat(delay(ALICE)).isZero();
        quotas = quotas.without(new QuotaKey(ALICE.text(), QuotaKind.BYTES_IN));
        receive(ALICE, 1 << 30);
        assertThat(delay(ALICE)).isZero();
    }

    @Test
    void aPrincipalKeepsItsDebtWhenManyPrincipalsAreIdle() {
        set(QuotaKey.DEFAULT, QuotaKind.BYTES_IN, 1000);
        for (int i = 0; i < QuotaEnforcement.MAX_PRINCIPALS - 1; i++) {
            receive(Principal.user("idle-" + i), 1);
        }
        now += 2 * SECOND;
        receive(ALICE, 3000);
        for (int i = 0; i < 100; i++) {
            receive(Principal.user("new-" + i), 1);
        }
        assertThat(delay(ALICE)).isEqualTo(2 * SECOND);
    }

    @Test
    void aPrincipalKeepsItsDebtWhenManyPrincipalsAreBusy() {
        set(QuotaKey.DEFAULT, QuotaKind.BYTES_IN, 1000);
        receive(ALICE, 3000);
        for (int i = 0; i < 2 * QuotaEnforcement.MAX_PRINCIPALS; i++) {
            receive(Principal.user("busy-" + i), 1);
        }
        assertThat(delay(ALICE)).isEqualTo(2 * SECOND);
    }
}
