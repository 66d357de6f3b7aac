#include "ext4.h"

#define SUPERBLOCK_AT 1024
#define SUPERBLOCK_BYTES 1024
#define MAX_BLOCK_BYTES 4096 /* Linux mounts no larger ones on x86 either */
#define MAX_DIRECTORY_BLOCKS 1024
#define MAX_TREE_DEPTH 5
#define ROOT_INODE 2
#define EXTENT_MAGIC 0xf30a
#define USES_EXTENTS 0x80000
#define REGULAR_FILE 0x8000
#define DIRECTORY 0x4000

/* Incompatible features this reader can ignore or understands. */
enum {
	FILE_TYPES = 0x2, NEEDS_RECOVERY = 0x4, EXTENTS = 0x40, BLOCKS_64BIT = 0x80, FLEXIBLE_GROUPS = 0x200,
	EXTRA_ATTRIBUTE_INODES = 0x400, CHECKSUM_SEED = 0x2000, LARGE_DIRECTORIES = 0x4000,
	UNDERSTOOD = FILE_TYPES | NEEDS_RECOVERY | EXTENTS | BLOCKS_64BIT | FLEXIBLE_GROUPS | EXTRA_ATTRIBUTE_INODES |
	             CHECKSUM_SEED | LARGE_DIRECTORIES,
};

struct ext4 {
	const struct disk *disk;
	uint64_t start, bytes, blocks;
	uint32_t block_bytes, inode_bytes, inodes, inodes_per_group, group_bytes, first_block;
};

struct inode {
	uint16_t mode;
	uint64_t bytes;
	uint8_t extents[60];
};

static bool read_at(const struct ext4 *fs, uint64_t offset, void *to, size_t bytes)
{
	if (offset > fs->bytes || bytes > fs->bytes - offset)
		return false;
	return fs->disk->read(fs->disk->context, fs->start + offset, to, bytes);
}

static const char *open_file_system(struct ext4 *fs)
{
	uint8_t super[SUPERBLOCK_BYTES];
	if (!read_at(fs, SUPERBLOCK_AT, super, sizeof(super)))
		return "the file system cannot be read";
	if (load16(super + 0x38) != 0xef53)
		return "there is no ext4 file system";
	uint32_t features = load32(super + 0x60);
	if (features & ~(uint32_t)UNDERSTOOD)
		return "the file system has a feature unknown to the selector";
	if (load32(super + 0x18) > 2)
		return "the file system has blocks larger than 4 KiB";
	fs->block_bytes = 1024u << load32(super + 0x18);
	fs->blocks = load32(super + 0x04);
	fs->group_bytes = 32;
	if (features & BLOCKS_64BIT) {
		fs->blocks |= (uint64_t)load32(super + 0x150) << 32;
		fs->group_bytes = load16(super + 0xfe);
	}
	fs->inodes = load32(super + 0x00);
	fs->inodes_per_group = load32(super + 0x28);
	fs->inode_bytes = load16(super + 0x58);
	fs->first_block = load32(super + 0x14);
	if (fs->inodes_per_group == 0 || fs->inode_bytes < 128 || fs->inode_bytes > fs->block_bytes ||
	    fs->group_bytes < 32 || fs->group_bytes > 1024 || fs->first_block > 1 ||
	    fs->blocks > fs->bytes / fs->block_bytes)
		return "the file system states impossible sizes";
	return NULL;
}

static const char *read_inode(const struct ext4 *fs, uint32_t number, struct inode *inode)
{
	uint8_t group[64] = { 0 }, raw[128];
	if (number == 0 || number > fs->inodes)
		return "a directory entry points to no inode";
	uint32_t index = (number - 1) % fs->inodes_per_group;
	uint64_t group_at = (uint64_t)(fs->first_block + 1) * fs->block_bytes +
	                    (uint64_t)((number - 1) / fs->inodes_per_group) * fs->group_bytes;
	if (!read_at(fs, group_at, group, fs->group_bytes < 64 ? 32 : 64))
		return "a group description cannot be read";
	uint64_t table = load32(group + 0x08) | (fs->group_bytes >= 64 ? (uint64_t)load32(group + 0x28) << 32 : 0);
	if (table >= fs->blocks || !read_at(fs, table * fs->block_bytes + (uint64_t)index * fs->inode_bytes, raw, sizeof(raw)))
		return "an inode cannot be read";
	if (!(load32(raw + 0x20) & USES_EXTENTS))
		return "a file is not stored as extents";
	inode->mode = load16(raw);
	inode->bytes = load32(raw + 0x04) | (uint64_t)load32(raw + 0x6c) << 32;
	copy_bytes(inode->extents, raw + 0x28, sizeof(inode->extents));
	return NULL;
}

/* Finds where a block of a file lies. 0 in `physical`: a hole. */
static const char *find_block(const struct ext4 *fs, const struct inode *inode, uint32_t block, uint64_t *physical)
{
	static const char damaged[] = "a file's extents are damaged";
	static uint8_t node[MAX_BLOCK_BYTES];
	uint32_t node_bytes = sizeof(inode->extents);

	copy_bytes(node, inode->extents, node_bytes);
	*physical = 0;
	/* The depth must fall by one at each step: so a loop in damaged extents ends. */
	for (unsigned depth = load16(node + 6);; depth--) {
		unsigned count = load16(node + 2);
		const uint8_t *found = NULL;
		if (load16(node) != EXTENT_MAGIC || load16(node + 6) != depth || depth > MAX_TREE_DEPTH ||
		    count > node_bytes / 12 - 1)
			return damaged;
		for (unsigned i = 1; i <= count && load32(node + 12 * i) <= block; i++)
			found = node + 12 * i;
		if (!found)
			return NULL;
		if (depth == 0) {
			uint32_t offset = block - load32(found), length = load16(found + 4);
			if (length > 32768 || offset >= length) /* over 32768: reserved, not written yet */
				return NULL;
			*physical = (load32(found + 8) | (uint64_t)load16(found + 6) << 32) + offset;
			return *physical < fs->blocks ? NULL : damaged;
		}
		uint64_t child = load32(found + 4) | (uint64_t)load16(found + 8) << 32;
		if (child >= fs->blocks || !read_at(fs, child * fs->block_bytes, node, fs->block_bytes))
			return damaged;
		node_bytes = fs->block_bytes;
	}
}

static const char *read_block(const struct ext4 *fs, const struct inode *inode, uint32_t block, uint8_t *to)
{
	uint64_t physical;
	const char *problem = find_block(fs, inode, block, &physical);
	if (problem)
		return problem;
	if (physical == 0) {
		zero_bytes(to, fs->block_bytes);
		return NULL;
	}
	return read_at(fs, physical * fs->block_bytes, to, fs->block_bytes) ? NULL : "a file's block cannot be read";
}

/* Index blocks of large directories look like blocks without names, so all blocks are read alike. */
static const char *find_in_root(const struct ext4 *fs, const char *name, uint32_t *number)
{
	static uint8_t data[MAX_BLOCK_BYTES];
	struct inode root;
	const char *problem = read_inode(fs, ROOT_INODE, &root);
	if (problem)
		return problem;
	if ((root.mode & 0xf000) != DIRECTORY)
		return "the root of the file system is no directory";
	uint64_t blocks = root.bytes / fs->block_bytes;
	size_t name_bytes = text_length(name);
	for (uint32_t block = 0; block < blocks && block < MAX_DIRECTORY_BLOCKS; block++) {
		if ((problem = read_block(fs, &root, block, data)))
			return problem;
		for (uint32_t at = 0; at + 8 <= fs->block_bytes;) {
			uint32_t entry_bytes = load16(data + at + 4);
			if (entry_bytes < 8 || entry_bytes % 4 != 0 || entry_bytes > fs->block_bytes - at ||
			    data[at + 6] > entry_bytes - 8)
				return "the root directory is damaged";
			if (load32(data + at) != 0 && data[at + 6] == name_bytes &&
			    same_bytes(data + at + 8, name, name_bytes)) {
				*number = load32(data + at);
				return NULL;
			}
			at += entry_bytes;
		}
	}
	return "there is no such file";
}

const char *read_ext4_file(const struct disk *disk, uint64_t start, uint64_t bytes, const char *name, uint8_t *to,
                           size_t *file_bytes)
{
	static uint8_t data[MAX_BLOCK_BYTES];
	struct ext4 fs = { .disk = disk, .start = start, .bytes = bytes };
	struct inode inode;
	uint32_t number = 0;
	const char *problem;

	if ((problem = open_file_system(&fs)) || (problem = find_in_root(&fs, name, &number)) ||
	    (problem = read_inode(&fs, number, &inode)))
		return problem;
	if ((inode.mode & 0xf000) != REGULAR_FILE)
		return "it is not a regular file";
	if (inode.bytes > *file_bytes)
		return "it is larger than it may be";
	for (uint64_t at = 0; at < inode.bytes; at += fs.block_bytes) {
		if ((problem = read_block(&fs, &inode, (uint32_t)(at / fs.block_bytes), data)))
			return problem;
		uint64_t rest = inode.bytes - at;
		copy_bytes(to + at, data, rest < fs.block_bytes ? (size_t)rest : fs.block_bytes);
	}
	*file_bytes = (size_t)inode.bytes;
	return NULL;
}
