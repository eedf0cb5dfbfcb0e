package io.millrace.kafka.security;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.admin.AclAdmin;
import io.millrace.metadata.admin.QuotaAdmin;
import io.millrace.metadata.admin.ScramAdmin;
import java.util.List;

/** The handlers of all requests about ACLs, quotas and SCRAM credentials. */
public final class SecurityApis {

    private SecurityApis() {}

    public static List<ApiHandler<?, ?>> of(Metadata metadata) {
        AclAdmin acls = new AclAdmin(metadata);
        ScramAdmin scram = new ScramAdmin(metadata);
        return List.of(
                new DescribeAclsHandler(metadata, acls),
                new CreateAclsHandler(metadata, acls),
                new DeleteAclsHandler(metadata, acls),
                new DescribeQuotasHandler(metadata),
                new AlterQuotasHandler(metadata, new QuotaAdmin(metadata)),
                new DescribeScramHandler(metadata, scram),
                new AlterScramHandler(metadata, scram));
    }
}
