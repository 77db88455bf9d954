#!/usr/bin/perl
# expose.pl USERNS KEEP DIR… -- COMMAND…   as real root in a private mount namespace: makes each DIR, which may lie in a
# closed home (/root is 0700), reachable and writable for the root of the user namespace USERNS: bound back over its own
# path with the ids mapped (an "idmapped mount", Linux 5.12 on ext4, xfs, btrfs). KEEP holds files of mapped ids already.
# util-linux offers this from 2.39 only, so it is done by system calls, whose numbers are the same on all machines.
use strict;
use warnings;
use Cwd 'getcwd';
my ($OPEN_TREE, $MOVE_MOUNT, $MOUNT_SETATTR) = (428, 429, 442);
my ($AT_FDCWD, $AT_EMPTY_PATH, $CLONE, $CLOEXEC, $MOVE_FROM_FD, $IDMAP) = (-100, 0x1000, 1, 0x80000, 4, 0x100000);
my $empty = ''; # syscall wants variables
my ($namespace, $keep) = splice @ARGV, 0, 2;
my @dirs;
while (($_ = shift) ne '--') { push @dirs, $_ }

sub clone {
    my ($path) = @_;
    my $tree = syscall $OPEN_TREE, $AT_FDCWD, $path, $CLONE | $CLOEXEC;
    $tree >= 0 or die "$path: $!\n";
    return $tree;
}

sub attach { my ($tree, $path) = @_; syscall($MOVE_MOUNT, $tree, $empty, $AT_FDCWD, $path, $MOVE_FROM_FD) == 0 or die "$path: $!\n" }

# A closed folder on the way is covered by an empty one; all trees are held open before the first cover.
sub open_way {
    my ($dir) = @_;
    my $path = '';
    for (grep { length } split m{/}, $dir) {
        $path .= "/$_";
        mkdir $path if !-d $path;
        next if $path eq $dir || (stat $path)[2] & 1;
        system('mount', '-t', 'tmpfs', '-o', 'mode=755', 'cover', $path) == 0 or die "cannot cover $path\n";
    }
}

open my $ids, '<', $namespace or die "$namespace: $!\n";
my $here = getcwd;
my $kept = clone($keep);
my @trees = map { clone($_) } @dirs;
for my $i (0 .. $#dirs) {
    my $attributes = pack 'Q4', $IDMAP, 0, 0, fileno $ids;
    syscall($MOUNT_SETATTR, $trees[$i], $empty, $AT_EMPTY_PATH, $attributes, length $attributes) == 0
        or print STDERR "$dirs[$i] is read-only in the world: its file system maps no ids ($!)\n";
    open_way($dirs[$i]);
    attach($trees[$i], $dirs[$i]);
}
attach($kept, $keep);
chdir $here or chdir '/';
exec @ARGV or die "$ARGV[0]: $!\n";
