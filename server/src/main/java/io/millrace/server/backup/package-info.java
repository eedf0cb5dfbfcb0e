/** Backups of a cluster's bucket, and the restore of a cluster from its bucket or a backup. */
@NullMarked
package io.millrace.server.backup;

import org.jspecify.annotations.NullMarked;
