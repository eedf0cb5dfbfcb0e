/** Commands that administer topics, groups, the cluster and the bucket. */
@NullMarked
package io.millrace.cli.admin;

import org.jspecify.annotations.NullMarked;
